import type { MessagePreferences } from "@episante/contracts/notification";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";

/** What an account chose: every mail and the clinic's zone when it never chose. */
export async function preferencesOf(tx: Tx, accountId: string): Promise<MessagePreferences> {
  const [row] = await tx.execute(sql`select warning_mail, notice_mail, zone from preferences where account_id = ${accountId}`);
  if (!row) return { alertMail: { critical: true, warning: true, notice: true } };
  return {
    alertMail: { critical: true, warning: row.warning_mail === true, notice: row.notice_mail === true },
    ...(row.zone === null ? {} : { zone: String(row.zone) }),
  };
}

/** Keeps what an account chooses. */
export async function writePreferences(tx: Tx, accountId: string, { alertMail, zone }: MessagePreferences, nowMs: number): Promise<void> {
  await tx.execute(sql`
    insert into preferences (account_id, warning_mail, notice_mail, zone, changed_at)
    values (${accountId}, ${alertMail.warning}, ${alertMail.notice}, ${zone ?? null}, ${new Date(nowMs).toISOString()}::timestamptz)
    on conflict (account_id) do update set warning_mail = excluded.warning_mail, notice_mail = excluded.notice_mail, zone = excluded.zone,
      changed_at = excluded.changed_at`);
}
