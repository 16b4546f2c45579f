import { type CancelReasons, cancelReasonsSchema } from "@episante/contracts/cancel-reason";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { defaultCancelReasons } from "../domain/cancel-reasons.ts";
import { at } from "./rows.ts";

/** Reasons a clinic offers when a visit is cancelled: its own, or the product's. */
export async function findCancelReasons(tx: Tx, clinicId: string): Promise<CancelReasons> {
  const [row] = await tx.execute(sql`select patient, staff from cancel_reasons where clinic_id = ${clinicId}`);
  return row ? cancelReasonsSchema.parse(row) : defaultCancelReasons;
}

/** Sets them. */
export async function saveCancelReasons(
  tx: Tx,
  { clinicId, reasons, accountId, nowMs }: { clinicId: string; reasons: CancelReasons; accountId: string; nowMs: number },
): Promise<void> {
  await tx.execute(sql`
    insert into cancel_reasons (clinic_id, patient, staff, changed_at, changed_by)
    values (${clinicId}, ${JSON.stringify(reasons.patient)}::jsonb, ${JSON.stringify(reasons.staff)}::jsonb, ${at(nowMs)}, ${accountId})
    on conflict (clinic_id) do update set patient = excluded.patient, staff = excluded.staff, changed_at = excluded.changed_at, changed_by = excluded.changed_by`);
}
