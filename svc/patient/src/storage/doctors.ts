import type { Tx } from "@episante/service/db";
import { and, eq, sql } from "drizzle-orm";
import { doctors } from "./schema.ts";

/** The clinic of an active doctor, or null. */
export async function findClinicOfDoctor(tx: Tx, doctorId: string): Promise<string | null> {
  const [row] = await tx
    .select({ clinicId: doctors.clinicId })
    .from(doctors)
    .where(and(eq(doctors.id, doctorId), eq(doctors.isActive, true)));
  return row?.clinicId ?? null;
}

/** Mirrors a doctor's membership, unless a later change of it is known already. */
export async function saveDoctor(tx: Tx, doctor: typeof doctors.$inferInsert): Promise<void> {
  const { clinicId, isActive, changedAt } = doctor;
  await tx
    .insert(doctors)
    .values(doctor)
    .onConflictDoUpdate({
      target: doctors.id,
      set: { clinicId, isActive, changedAt },
      setWhere: sql`${doctors.changedAt} <= excluded.changed_at`,
    });
}
