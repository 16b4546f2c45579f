import type { EventData } from "@episante/contracts/events";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";

/** Applies `relationship.changed`. */
export async function saveRelationship(tx: Tx, data: EventData<"relationship.changed">, changedAt: string): Promise<void> {
  await tx.execute(sql`
    insert into relationships (relationship_id, patient_id, doctor_id, valid_from, valid_until, changed_at)
    values (${data.relationshipId}, ${data.patientId}, ${data.doctorId}, ${data.from}::timestamptz, ${data.until ?? null}::timestamptz, ${changedAt}::timestamptz)
    on conflict (relationship_id) do update set valid_from = excluded.valid_from, valid_until = excluded.valid_until, changed_at = excluded.changed_at
    where relationships.changed_at <= excluded.changed_at`);
}

/** Patients whom one of the doctors treats at this moment. */
export async function listTreatedPatients(tx: Tx, doctorIds: readonly string[], nowMs: number): Promise<string[]> {
  const now = sql`${new Date(nowMs).toISOString()}::timestamptz`;
  const rows = await tx.execute(sql`
    select distinct patient_id from relationships
    where ${JSON.stringify(doctorIds)}::jsonb ? doctor_id and valid_from <= ${now} and (valid_until is null or valid_until > ${now})
    order by patient_id`);
  return rows.map((row) => String(row.patient_id));
}
