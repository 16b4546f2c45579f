import type { PatientId } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";

/** When a patient was born (`YYYY-MM-DD`), or undefined while it is not known here. Seen under a grant for the patient. */
export async function findBirthDate(tx: Tx, patientId: string): Promise<string | undefined> {
  const [row] = await tx.execute(sql`select birth_date::text as birth_date from births where patient_id = ${patientId}`);
  return row?.birth_date == null ? undefined : String(row.birth_date);
}

/** Patients whose birth date is to be read. */
export async function listBirthsDue(tx: Tx, limit: number): Promise<PatientId[]> {
  const rows = await tx.execute(sql`select patient_id from births where is_due order by patient_id limit ${limit}`);
  return rows.map((row) => String(row.patient_id) as PatientId);
}

/** Stores what was read. Who was asked for and is not among it is not asked for again. */
export async function saveBirths(
  tx: Tx,
  asked: readonly string[],
  found: readonly { patientId: string; birthDate: string }[],
): Promise<void> {
  await tx.execute(sql`
    update births b set is_due = false, birth_date = coalesce(f."birthDate", b.birth_date)
    from jsonb_array_elements_text(${JSON.stringify(asked)}::jsonb) as a (id)
      left join jsonb_to_recordset(${JSON.stringify(found)}::jsonb) as f ("patientId" text, "birthDate" date) on f."patientId" = a.id
    where b.patient_id = a.id`);
}
