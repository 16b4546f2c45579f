import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";

/** Remembers that a patient exists. */
export async function savePatient(tx: Tx, patientId: string): Promise<void> {
  await tx.execute(sql`insert into patients (patient_id) values (${patientId}) on conflict do nothing`);
}

export async function isKnownPatient(tx: Tx, patientId: string): Promise<boolean> {
  return (await tx.execute(sql`select 1 from patients where patient_id = ${patientId}`)).length > 0;
}
