import type { Tx } from "@episante/service/db";
import { and, asc, eq, exists, inArray, or, sql } from "drizzle-orm";
import { patientClinics, patients } from "./schema.ts";

export type PatientRow = typeof patients.$inferSelect;

/** The patient with this id, as far as the row-level context sees it. */
export async function findPatient(tx: Tx, id: string): Promise<PatientRow | null> {
  const [row] = await tx.select().from(patients).where(eq(patients.id, id));
  return row ?? null;
}

/** When these patients were born, as far as the row-level context sees them. */
export function findBirthDates(tx: Tx, ids: readonly string[]): Promise<{ id: string; birthDate: string }[]> {
  return tx
    .select({ id: patients.id, birthDate: patients.birthDate })
    .from(patients)
    .where(inArray(patients.id, [...ids]));
}

/** Saves a new profile; false when there is one already. */
export async function insertPatient(tx: Tx, patient: typeof patients.$inferInsert): Promise<boolean> {
  // Without a target, since under row-level security a named one would need the existing row to be visible.
  const saved = await tx.insert(patients).values(patient).onConflictDoNothing().returning({ id: patients.id });
  return saved.length > 0;
}

/** Changes contact details and answers the new row; null when there is no such patient. */
export async function updateContact(
  tx: Tx,
  id: string,
  change: Partial<Pick<PatientRow, "phone" | "gender" | "locale">>,
): Promise<PatientRow | null> {
  if (Object.keys(change).length === 0) return findPatient(tx, id);
  const [row] = await tx.update(patients).set(change).where(eq(patients.id, id)).returning();
  return row ?? null;
}

/** What a clinic's list of patients is asked for: ids, or the beginnings of words of the name (or a whole file number). */
export interface PatientSearch {
  readonly ids?: readonly string[];
  readonly words?: readonly string[];
  readonly fileNumber?: string;
  /** Or who was born that day. */
  readonly birthDate?: string;
  /** Or whose phone number ends in these digits. */
  readonly phoneEnd?: string;
  /** Id of the last patient of the page before. */
  readonly after?: string;
  readonly limit: number;
}

/** Patients known to one of the clinics, by name. */
export function listPatientsOfClinics(tx: Tx, clinicIds: readonly string[], search: PatientSearch): Promise<PatientRow[]> {
  const isKnown = exists(
    tx
      .select({ one: sql`1` })
      .from(patientClinics)
      .where(and(eq(patientClinics.patientId, patients.id), inArray(patientClinics.clinicId, [...clinicIds]))),
  );
  const fits = (search.words ?? []).map((word) => sql`' ' || ${patients.searchName} like ${`% ${word}%`}`);
  const after = search.after
    ? sql`(${patients.searchName}, ${patients.id}) > (select p.search_name, p.id from patients p where p.id = ${search.after})`
    : undefined;
  return tx
    .select()
    .from(patients)
    .where(
      and(
        isKnown,
        search.ids ? inArray(patients.id, [...search.ids]) : undefined,
        search.words
          ? or(
              and(...fits),
              eq(patients.fileNumber, search.fileNumber ?? ""),
              search.birthDate ? eq(patients.birthDate, search.birthDate) : undefined,
              search.phoneEnd ? sql`regexp_replace(${patients.phone}, '[^0-9]', '', 'g') like ${`%${search.phoneEnd}`}` : undefined,
            )
          : undefined,
        after,
      ),
    )
    .orderBy(asc(patients.searchName), asc(patients.id))
    .limit(search.limit);
}

/** Records that a clinic knows a patient. */
export async function rememberClinic(tx: Tx, patientId: string, clinicId: string, since: Date): Promise<void> {
  await tx.insert(patientClinics).values({ patientId, clinicId, since }).onConflictDoNothing();
}

/** The same for several patients at once. */
export async function rememberClinics(
  tx: Tx,
  pairs: readonly { readonly patientId: string; readonly clinicId: string }[],
  since: Date,
): Promise<void> {
  const rows = pairs.map(({ patientId, clinicId }) => ({ patientId, clinicId, since }));
  await tx.insert(patientClinics).values(rows).onConflictDoNothing();
}
