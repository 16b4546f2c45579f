import type { Tx } from "@episante/service/db";
import { and, asc, eq, gt, inArray, isNull, or, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { CareFacts } from "../domain/access.ts";
import { relationships, visits } from "./schema.ts";

export type RelationshipRow = typeof relationships.$inferSelect;
export type VisitRow = typeof visits.$inferSelect;

/** Facts for an access decision; needs no row-level context. @param at business time */
export async function findCareFacts(
  tx: Tx,
  asked: {
    patientId: string;
    doctorIds: readonly string[];
    doctorClinics: readonly string[];
    staffClinics: readonly string[];
    /** The actor as a patient, who may be a relative's proxy; empty for none. */
    actingPatientId: string;
    at: Date;
  },
): Promise<CareFacts & { isLinked: boolean }> {
  const list = (values: readonly string[]) => sql`string_to_array(${values.join(",")}, ',')`;
  const [row] = await tx.execute(
    sql`select c.*, p.* from care_facts(${asked.patientId}, ${list(asked.doctorIds)}, ${list(asked.doctorClinics)}, ${list(asked.staffClinics)}, ${asked.at.toISOString()}::timestamptz) c,
      proxy_facts(${asked.patientId}, ${asked.actingPatientId}, ${asked.at.toISOString()}::timestamptz) p`,
  );
  return {
    isTreating: row?.is_treating === true,
    isKnownToDoctor: row?.is_known_to_doctor === true,
    isKnownToStaff: row?.is_known_to_staff === true,
    scopes: Array.isArray(row?.scopes) ? (row.scopes as CareFacts["scopes"]) : [],
    isLinked: row?.is_linked === true,
  };
}

/** One transaction at a time changes the relationships of a patient. */
export function lockPatient(tx: Tx, patientId: string): Promise<void> {
  return lockPatients(tx, [patientId]);
}

/** Locks several patients, in an order of their own so that two who do so never wait for each other. */
export async function lockPatients(tx: Tx, patientIds: readonly string[]): Promise<void> {
  const ids = [...new Set(patientIds)].sort();
  await tx.execute(
    sql`select pg_advisory_xact_lock(hashtextextended('relationships.' || id, 0)) from unnest(${sql.param(ids)}::text[]) as id`,
  );
}

/** Relationships that last or are to come. @param doctorIds only of these doctors, when given @param at business time */
export function listOpenRelationships(tx: Tx, patientId: string, at: Date, doctorIds?: readonly string[]): Promise<RelationshipRow[]> {
  return tx
    .select()
    .from(relationships)
    .where(and(eq(relationships.patientId, patientId), isOpen(at), doctorIds ? inArray(relationships.doctorId, [...doctorIds]) : undefined))
    .orderBy(asc(relationships.startsAt), asc(relationships.id));
}

/** Relationships from bookings that last or are to come, of any of these patients with any of these doctors. @param at business time */
export function listBookedRelationships(
  tx: Tx,
  patientIds: readonly string[],
  doctorIds: readonly string[],
  at: Date,
): Promise<RelationshipRow[]> {
  const { patientId, doctorId, basis } = relationships;
  return tx
    .select()
    .from(relationships)
    .where(and(isAmong(patientId, patientIds), isAmong(doctorId, doctorIds), eq(basis, "booking"), isOpen(at)));
}

/** A patient's relationship that lasts or is to come, by its id. @param at business time */
export async function findOpenRelationship(tx: Tx, patientId: string, id: string, at: Date): Promise<RelationshipRow | null> {
  const [row] = await tx
    .select()
    .from(relationships)
    .where(and(eq(relationships.id, id), eq(relationships.patientId, patientId), isOpen(at)));
  return row ?? null;
}

/** The relationship with this id. */
export async function getRelationship(tx: Tx, id: string): Promise<RelationshipRow> {
  const [row] = await tx.select().from(relationships).where(eq(relationships.id, id));
  if (!row) throw new Error("a relationship is missing");
  return row;
}

/** Saves a new relationship. */
export async function insertRelationship(tx: Tx, row: RelationshipRow): Promise<void> {
  await tx.insert(relationships).values(row);
}

/** Saves relationships, new or known, with when they last. */
export async function keepRelationships(tx: Tx, rows: readonly RelationshipRow[]): Promise<void> {
  await tx
    .insert(relationships)
    .values([...rows])
    .onConflictDoUpdate({ target: relationships.id, set: { startsAt: sql`excluded.starts_at`, endsAt: sql`excluded.ends_at` } });
}

/** Changes when a relationship lasts, and whether it was closed; answers the new row. */
export async function saveRelationship(
  tx: Tx,
  id: string,
  change: Partial<Pick<RelationshipRow, "startsAt" | "endsAt" | "closedAt">>,
): Promise<RelationshipRow> {
  const [row] = await tx.update(relationships).set(change).where(eq(relationships.id, id)).returning();
  if (!row) throw new Error("a relationship is missing");
  return row;
}

/** The visits of appointments, those that are known. */
export function listVisits(tx: Tx, appointmentIds: readonly string[]): Promise<VisitRow[]> {
  return tx.select().from(visits).where(isAmong(visits.appointmentId, appointmentIds));
}

/** Saves new visits. */
export async function insertVisits(tx: Tx, rows: readonly VisitRow[]): Promise<void> {
  await tx.insert(visits).values([...rows]);
}

/** Changes when and with whom a known visit is, what it backs, and whether it is cancelled. */
export async function saveVisit(
  tx: Tx,
  { appointmentId, doctorId, startsAt, endsAt, relationshipId, cancelledAt }: VisitRow,
): Promise<void> {
  await tx.update(visits).set({ doctorId, startsAt, endsAt, relationshipId, cancelledAt }).where(eq(visits.appointmentId, appointmentId));
}

/** Marks a visit as cancelled. */
export async function cancelVisit(tx: Tx, appointmentId: string, at: Date): Promise<void> {
  await tx.update(visits).set({ cancelledAt: at }).where(eq(visits.appointmentId, appointmentId));
}

/** Visits that still back a relationship. */
export function listBackingVisits(tx: Tx, relationshipId: string): Promise<VisitRow[]> {
  return tx
    .select()
    .from(visits)
    .where(and(eq(visits.relationshipId, relationshipId), isNull(visits.cancelledAt)));
}

function isOpen(at: Date) {
  return and(isNull(relationships.closedAt), or(isNull(relationships.endsAt), gt(relationships.endsAt, at)));
}

/** One parameter however many there are, so that the statement is prepared once. */
function isAmong(column: PgColumn, values: readonly string[]) {
  return sql`${column} = any (${sql.param([...new Set(values)])}::text[])`;
}
