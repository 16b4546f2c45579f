import { type AckExpiry, defaultAckExpiry } from "@episante/contracts/alert";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { instantOf } from "./rows.ts";

/** How long an acknowledgement counts in a clinic, in minutes; null: for ever. */
export async function ackExpiryOf(tx: Tx, clinicId: string): Promise<Omit<AckExpiry, "clinicId">> {
  const [row] = await tx.execute(sql`select critical_minutes, warning_minutes from ack_expiry where clinic_id = ${clinicId}`);
  if (!row) return defaultAckExpiry;
  return { criticalMinutes: minutesOf(row.critical_minutes), warningMinutes: minutesOf(row.warning_minutes) };
}

const minutesOf = (value: unknown) => (value === null ? null : Number(value));

/** Sets it for a clinic. */
export async function writeAckExpiry(
  tx: Tx,
  { clinicId, criticalMinutes, warningMinutes }: AckExpiry,
  accountId: string,
  nowMs: number,
): Promise<void> {
  await tx.execute(sql`
    insert into ack_expiry (clinic_id, critical_minutes, warning_minutes, changed_at, changed_by)
    values (${clinicId}, ${criticalMinutes}, ${warningMinutes}, ${instantOf(nowMs)}, ${accountId})
    on conflict (clinic_id) do update set critical_minutes = excluded.critical_minutes, warning_minutes = excluded.warning_minutes,
      changed_at = excluded.changed_at, changed_by = excluded.changed_by`);
}
