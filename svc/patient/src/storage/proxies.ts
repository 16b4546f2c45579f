import type { Tx } from "@episante/service/db";
import { and, asc, eq, inArray, isNull, or, sql } from "drizzle-orm";
import type { LinkTimes } from "../domain/proxy.ts";
import { patients, proxies } from "./schema.ts";

export type ProxyRow = typeof proxies.$inferSelect;

/** The times of a link, for the rules. */
export function timesOf(row: ProxyRow): LinkTimes {
  const ms = (at: Date | null) => at?.getTime() ?? null;
  return { verifiedMs: ms(row.verifiedAt), endsMs: ms(row.endsAt), reviewMs: ms(row.reviewAt), closedMs: ms(row.closedAt) };
}

/** The two people and the clinic of a link, or null; needs no row-level context. */
export async function findParties(tx: Tx, id: string): Promise<{ patientId: string; proxyPatientId: string; clinicId: string } | null> {
  const [row] = await tx.execute(sql`select * from proxy_parties(${id})`);
  if (!row?.patient_id) return null;
  return { patientId: String(row.patient_id), proxyPatientId: String(row.proxy_patient_id), clinicId: String(row.clinic_id) };
}

/** The patient whose file number, folded name and birth day all fit, or null; needs no row-level context. */
export async function matchPatient(tx: Tx, asked: { fileNumber: string; searchName: string; birthDate: string }): Promise<string | null> {
  const [row] = await tx.execute(sql`select match_patient(${asked.fileNumber}, ${asked.searchName}, ${asked.birthDate}::date) as id`);
  return row?.id ? String(row.id) : null;
}

/** Who is written to about a patient without an account, or null; needs no row-level context. */
export async function findContactProxy(tx: Tx, patientId: string, at: Date): Promise<string | null> {
  const [row] = await tx.execute(sql`select contact_proxy(${patientId}, ${at.toISOString()}::timestamptz) as id`);
  return row?.id ? String(row.id) : null;
}

/** How the other person of each open link is called, by link, for one of the two; needs no row-level context. */
export async function listLinkedPeople(
  tx: Tx,
  readerId: string,
): Promise<Map<string, { givenName: string; familyName: string; birthDate: string | null }>> {
  const rows = await tx.execute(sql`select proxy_id, given_name, family_name, birth_date::text from linked_people(${readerId})`);
  return new Map(
    rows.map((row) => [
      String(row.proxy_id),
      {
        givenName: String(row.given_name),
        familyName: String(row.family_name),
        birthDate: row.birth_date === null ? null : String(row.birth_date),
      },
    ]),
  );
}

/** Saves a new request. */
export async function insertProxy(tx: Tx, row: ProxyRow): Promise<void> {
  await tx.insert(proxies).values(row);
}

/** A link as far as the grant shows it, kept from changing until the transaction ends; null when there is none. */
export async function lockProxy(tx: Tx, id: string): Promise<ProxyRow | null> {
  const [row] = await tx.select().from(proxies).where(eq(proxies.id, id)).for("update");
  return row ?? null;
}

/** Changes a link and answers the new row. */
export async function saveProxy(tx: Tx, id: string, change: Partial<ProxyRow>): Promise<ProxyRow> {
  const [row] = await tx.update(proxies).set(change).where(eq(proxies.id, id)).returning();
  if (!row) throw new Error("a link between relatives is missing");
  return row;
}

/** Links that nobody closed in which a patient is one of the two; oldest first. */
export function listLinksOf(tx: Tx, patientId: string): Promise<ProxyRow[]> {
  return tx
    .select()
    .from(proxies)
    .where(and(isNull(proxies.closedAt), or(eq(proxies.patientId, patientId), eq(proxies.proxyPatientId, patientId))))
    .orderBy(asc(proxies.requestedAt), asc(proxies.id));
}

/** Links that nobody closed and the clinics handle, of one patient when given; oldest first, at most 200. */
export function listLinksOfClinics(tx: Tx, clinicIds: readonly string[], patientId?: string): Promise<ProxyRow[]> {
  const ofPatient = patientId ? or(eq(proxies.patientId, patientId), eq(proxies.proxyPatientId, patientId)) : undefined;
  return tx
    .select()
    .from(proxies)
    .where(and(isNull(proxies.closedAt), inArray(proxies.clinicId, [...clinicIds]), ofPatient))
    .orderBy(asc(proxies.requestedAt), asc(proxies.id))
    .limit(200);
}

/** Whether another link between the two counts or waits for review. */
export async function hasOtherLink(tx: Tx, row: Pick<ProxyRow, "id" | "patientId" | "proxyPatientId">, at: Date): Promise<boolean> {
  const found = await tx
    .select({ id: proxies.id })
    .from(proxies)
    .where(
      and(
        eq(proxies.patientId, row.patientId),
        eq(proxies.proxyPatientId, row.proxyPatientId),
        sql`${proxies.id} <> ${row.id} and ${proxies.verifiedAt} is not null and ${proxies.closedAt} is null`,
        sql`(${proxies.endsAt} is null or ${proxies.endsAt} > ${at.toISOString()}::timestamptz)`,
      ),
    )
    .limit(1);
  return found.length > 0;
}

type Person = typeof patients.$inferSelect;

/** Files with these ids that the grant shows, by id. */
export async function findPeople(tx: Tx, ids: readonly string[]): Promise<Map<string, Person>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select()
    .from(patients)
    .where(inArray(patients.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row]));
}

/** Files the grant shows that bear the asked name and birth day: most requests have none or one. */
export function listCandidates(tx: Tx, asked: { searchName: string; birthDate: string }): Promise<Person[]> {
  return tx
    .select()
    .from(patients)
    .where(and(eq(patients.searchName, asked.searchName), eq(patients.birthDate, asked.birthDate)))
    .orderBy(asc(patients.createdAt), asc(patients.id))
    .limit(5);
}
