import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { KnownPatient, ListedPerson } from "../domain/patient-import.ts";

/** One import of a clinic at a time: what it found to be new stays new until the transaction ends. */
export async function lockImports(tx: Tx, clinicId: string): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`patient-import.${clinicId}`}, 0))`);
}

/** Patients of a clinic who may be among these people: by external number, by id, or by name and date of birth. */
export async function findKnownAmong(tx: Tx, clinicId: string, people: readonly ListedPerson[]): Promise<KnownPatient[]> {
  const wanted = JSON.stringify(people.map(({ searchName, birthDate, externalId }) => ({ searchName, birthDate, externalId })));
  const rows = await tx.execute(sql`
    with wanted as materialized (
      select * from jsonb_to_recordset(${wanted}::text::jsonb) as x ("searchName" text, "birthDate" date, "externalId" text))
    select p.id, p.search_name, p.birth_date::text, c.external_id from patient_clinics c join patients p on p.id = c.patient_id
    where c.clinic_id = ${clinicId} and p.id in (
      select x.patient_id from patient_clinics x join wanted w on x.external_id = w."externalId" where x.clinic_id = ${clinicId}
      union select w."externalId" from wanted w
      union select y.id from patients y join wanted w on y.search_name = w."searchName" and y.birth_date = w."birthDate")`);
  return rows.map((row) => ({
    id: String(row.id),
    searchName: String(row.search_name),
    birthDate: String(row.birth_date),
    externalId: row.external_id === null ? null : String(row.external_id),
  }));
}

/** Opens files that a clinic knows from the start. */
export async function insertPeople(
  tx: Tx,
  clinicId: string,
  people: readonly (ListedPerson & { readonly id: string })[],
  at: Date,
): Promise<void> {
  const rows = JSON.stringify(people);
  const since = sql`${at.toISOString()}::timestamptz`;
  // First who knows them: by that the clinic may add the files.
  await tx.execute(sql`
    insert into patient_clinics (patient_id, clinic_id, since, external_id)
    select x.id, ${clinicId}, ${since}, x."externalId" from jsonb_to_recordset(${rows}::text::jsonb) as x (id text, "externalId" text)`);
  await tx.execute(sql`
    insert into patients (id, given_name, family_name, search_name, birth_date, gender, phone, email, locale, created_at)
    select x.id, x."givenName", x."familyName", x."searchName", x."birthDate", x.gender, x.phone, x.email, x.locale, ${since}
    from jsonb_to_recordset(${rows}::text::jsonb) as x (id text, "givenName" text, "familyName" text, "searchName" text, "birthDate" date,
      gender text, phone text, email text, locale text)`);
}

/** Gives patients of a clinic the external numbers by which a file calls them. */
export async function linkExternalIds(
  tx: Tx,
  clinicId: string,
  links: readonly { readonly patientId: string; readonly externalId: string }[],
): Promise<void> {
  await tx.execute(sql`
    update patient_clinics c set external_id = x."externalId"
    from jsonb_to_recordset(${JSON.stringify(links)}::text::jsonb) as x ("patientId" text, "externalId" text)
    where c.clinic_id = ${clinicId} and c.patient_id = x."patientId" and c.external_id is null`);
}

/** A patient as an export writes one. */
export interface ExportedPatient {
  readonly id: string;
  readonly familyName: string;
  readonly givenName: string;
  readonly birthDate: string;
  readonly gender: string;
  readonly phone: string | null;
  readonly email: string | null;
  readonly locale: string;
  readonly externalId: string | null;
}

/** Patients a clinic knows, in order of id. @param after id of the last one of the page before */
export async function listForExport(tx: Tx, clinicId: string, after: string, limit: number): Promise<ExportedPatient[]> {
  const rows = await tx.execute(sql`
    select p.id, p.family_name, p.given_name, p.birth_date::text, p.gender, p.phone, p.email, p.locale, c.external_id
    from patient_clinics c join patients p on p.id = c.patient_id
    where c.clinic_id = ${clinicId} and p.id > ${after} order by p.id limit ${limit}`);
  const orNull = (value: unknown) => (value === null ? null : String(value));
  return rows.map((row) => ({
    id: String(row.id),
    familyName: String(row.family_name),
    givenName: String(row.given_name),
    birthDate: String(row.birth_date),
    gender: String(row.gender),
    phone: orNull(row.phone),
    email: orNull(row.email),
    locale: String(row.locale),
    externalId: orNull(row.external_id),
  }));
}

/** Patients of a clinic by external number, else by id. */
export async function findReferences(
  tx: Tx,
  clinicId: string,
  references: readonly string[],
): Promise<{ reference: string; patientId: string; externalId: string | null }[]> {
  // Two lookups by index: one join by either would compare every reference with every patient.
  const rows = await tx.execute(sql`
    with wanted as materialized (
      select distinct reference from jsonb_array_elements_text(${JSON.stringify(references)}::text::jsonb) as t (reference)
    ), numbered as (
      select w.reference, c.patient_id, c.external_id from wanted w
      join patient_clinics c on c.clinic_id = ${clinicId} and c.external_id = w.reference
    )
    select * from numbered
    union all
    select w.reference, c.patient_id, c.external_id from wanted w
    join patient_clinics c on c.clinic_id = ${clinicId} and c.patient_id = w.reference
    where w.reference not in (select reference from numbered)`);
  return rows.map((row) => ({
    reference: String(row.reference),
    patientId: String(row.patient_id),
    externalId: row.external_id === null ? null : String(row.external_id),
  }));
}
