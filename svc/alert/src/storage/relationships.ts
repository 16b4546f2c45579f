import type { EventData } from "@episante/contracts/events";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { instantOf, texts } from "./rows.ts";

/** Keeps a relationship as its owner last published it. */
export async function writeRelationship(tx: Tx, relationship: EventData<"relationship.changed">): Promise<void> {
  const { relationshipId, patientId, doctorId, clinicId, from, until } = relationship;
  await tx.execute(sql`
    insert into relationships (relationship_id, patient_id, doctor_id, clinic_id, from_at, until_at)
    values (${relationshipId}, ${patientId}, ${doctorId}, ${clinicId}, ${from}::timestamptz, ${until ?? null}::timestamptz)
    on conflict (relationship_id) do update set patient_id = excluded.patient_id, doctor_id = excluded.doctor_id, clinic_id = excluded.clinic_id,
      from_at = excluded.from_at, until_at = excluded.until_at`);
}

/** Patients any of these doctors treats at an instant; among `patientIds` when given. */
export async function treatedPatients(
  tx: Tx,
  doctorIds: readonly string[],
  nowMs: number,
  patientIds?: readonly string[],
): Promise<string[]> {
  if (doctorIds.length === 0) return [];
  const among = patientIds ? sql`and patient_id = any(${texts(patientIds)})` : sql``;
  const now = instantOf(nowMs);
  const rows = await tx.execute(sql`
    select distinct patient_id from relationships
    where doctor_id = any(${texts(doctorIds)}) and from_at <= ${now} and (until_at is null or until_at > ${now}) ${among} order by patient_id`);
  return rows.map((row) => String(row.patient_id));
}

/** Of these patients, those whom any of these doctors treats in a clinic at an instant. */
export async function treatedInClinic(
  tx: Tx,
  { doctorIds, clinicId }: { readonly doctorIds: readonly string[]; readonly clinicId: string },
  nowMs: number,
  patientIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const now = instantOf(nowMs);
  const rows = await tx.execute(sql`
    select distinct patient_id from relationships where clinic_id = ${clinicId} and doctor_id = any(${texts(doctorIds)})
      and from_at <= ${now} and (until_at is null or until_at > ${now}) and patient_id = any(${texts(patientIds)})`);
  return new Set(rows.map((row) => String(row.patient_id)));
}

/** True when the patient has, or had, a relationship in one of the clinics: the caller may learn that the patient exists. */
export async function isKnownInClinics(tx: Tx, patientId: string, clinicIds: readonly string[]): Promise<boolean> {
  const rows = await tx.execute(
    sql`select 1 from relationships where patient_id = ${patientId} and clinic_id = any(${texts(clinicIds)}) limit 1`,
  );
  return rows.length > 0;
}

/** Clinic in which one of these doctors treats the patient at an instant, or null. */
export async function treatingClinic(tx: Tx, doctorIds: readonly string[], patientId: string, nowMs: number): Promise<string | null> {
  const now = instantOf(nowMs);
  const [row] = await tx.execute(sql`
    select clinic_id from relationships where patient_id = ${patientId} and doctor_id = any(${texts(doctorIds)})
      and from_at <= ${now} and (until_at is null or until_at > ${now}) order by from_at limit 1`);
  return row ? String(row.clinic_id) : null;
}
