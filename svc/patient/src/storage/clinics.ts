import type { Tx } from "@episante/service/db";
import { asc, eq, sql } from "drizzle-orm";
import { clinics, patientClinics } from "./schema.ts";

/** Mirrors a clinic, unless a later change of it is known already. */
export async function saveClinic(tx: Tx, clinic: typeof clinics.$inferInsert): Promise<void> {
  const { name, zone, changedAt } = clinic;
  await tx
    .insert(clinics)
    .values(clinic)
    .onConflictDoUpdate({ target: clinics.id, set: { name, zone, changedAt }, setWhere: sql`${clinics.changedAt} <= excluded.changed_at` });
}

/** The zone of a clinic, or null for an unknown one. */
export async function findZone(tx: Tx, clinicId: string): Promise<string | null> {
  const [row] = await tx.select({ zone: clinics.zone }).from(clinics).where(eq(clinics.id, clinicId));
  return row?.zone ?? null;
}

/** Clinics of the installation, those that know the patient first. */
export function listClinicsFor(tx: Tx, patientId: string): Promise<{ id: string; name: string }[]> {
  const isKnown = sql`exists (select 1 from ${patientClinics} where ${patientClinics.clinicId} = ${clinics.id} and ${patientClinics.patientId} = ${patientId})`;
  return tx.select({ id: clinics.id, name: clinics.name }).from(clinics).orderBy(sql`${isKnown} desc`, asc(clinics.name), asc(clinics.id));
}
