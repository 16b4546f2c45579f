import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { instantOf, texts } from "./rows.ts";

/** Known names of accounts. */
export async function namesOf(tx: Tx, accountIds: readonly string[]): Promise<Map<string, string>> {
  if (accountIds.length === 0) return new Map();
  const rows = await tx.execute(sql`select account_id, name from account_names where account_id = any(${texts(accountIds)})`);
  return new Map(rows.map((row) => [String(row.account_id), String(row.name)]));
}

/** Keeps a name as svc/auth told it. */
export async function writeName(tx: Tx, accountId: string, name: string, nowMs: number): Promise<void> {
  await tx.execute(sql`
    insert into account_names (account_id, name, fetched_at) values (${accountId}, ${name}, ${instantOf(nowMs)})
    on conflict (account_id) do update set name = excluded.name, fetched_at = excluded.fetched_at`);
}

/** Accounts that act on alerts or may be given one, and whose names are not known. System context only. */
export async function namelessOwners(tx: Tx): Promise<string[]> {
  const rows = await tx.execute(sql`
    select account_id from (select account_id from alert_history union select account_id from clinic_doctors where is_active
      union select account_id from clinic_people where is_active) a
    where account_id is not null and not exists (select 1 from account_names n where n.account_id = a.account_id) limit 20`);
  return rows.map((row) => String(row.account_id));
}

/**
 * Alerts in whose owner or history an account stands: they change when its name becomes known. System context only.
 * Locked, because everybody who publishes changes holds the alerts before the cursor.
 */
export async function alertsNaming(tx: Tx, accountId: string): Promise<string[]> {
  const rows = await tx.execute(sql`
    select id from alerts where id in (select alert_id from alert_history where account_id = ${accountId} or to_account_id = ${accountId} limit 1000) order by id for update`);
  return rows.map((row) => String(row.id));
}
