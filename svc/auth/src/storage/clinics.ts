import type { Tx } from "@episante/service/db";
import { asc, eq } from "drizzle-orm";
import { clinics } from "./schema.ts";

export type ClinicRow = typeof clinics.$inferSelect;
export type ClinicFacts = Omit<ClinicRow, "id" | "createdAt">;

/** Every clinic of this installation, oldest first. */
export function listClinicRows(tx: Tx): Promise<ClinicRow[]> {
  return tx.select().from(clinics).orderBy(asc(clinics.id));
}

/** The clinic with this id. */
export async function findClinic(tx: Tx, id: string): Promise<ClinicRow | null> {
  const [row] = await tx.select().from(clinics).where(eq(clinics.id, id));
  return row ?? null;
}

/** Saves a new clinic. */
export async function insertClinic(tx: Tx, clinic: ClinicRow): Promise<void> {
  await tx.insert(clinics).values(clinic);
}

/** Replaces a clinic's public facts; null when there is no such clinic. */
export async function saveClinic(tx: Tx, id: string, facts: ClinicFacts): Promise<ClinicRow | null> {
  const [row] = await tx.update(clinics).set(facts).where(eq(clinics.id, id)).returning();
  return row ?? null;
}
