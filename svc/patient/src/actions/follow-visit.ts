import type { EventData } from "@episante/contracts/events";
import type { Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { Emit } from "@episante/service/outbox";
import { careWindow, hull, isConnected } from "../domain/care-window.ts";
import { rememberClinic } from "../storage/patients.ts";
import {
  cancelVisit,
  findVisit,
  getRelationship,
  insertRelationship,
  insertVisit,
  listBackingVisits,
  listOpenRelationships,
  lockPatient,
  type RelationshipRow,
  saveRelationship,
  type VisitRow,
} from "../storage/relationships.ts";
import { changeOf } from "./shape.ts";

/** A booked visit lets its doctor treat the patient: opens a relationship, or stretches the one whose time it touches. */
export async function followBooking(tx: Tx, emit: Emit, visit: EventData<"appointment.booked">, nowMs: number): Promise<void> {
  await lockPatient(tx, visit.patientId);
  await rememberClinic(tx, visit.patientId, visit.clinicId, new Date(nowMs));
  if (await findVisit(tx, visit.appointmentId)) return;
  const window = windowOf(visitRow(visit));
  const open = await listOpenRelationships(tx, visit.patientId, new Date(nowMs), [visit.doctorId]);
  const near = open.find((row) => row.basis === "booking" && isConnected(windowOfRelationship(row), window));
  const stretch = hull(near ? [windowOfRelationship(near), window] : [window]) ?? window;
  const times = { startsAt: new Date(stretch.fromMs), endsAt: new Date(stretch.untilMs) };
  const row = near ? await saveRelationship(tx, near.id, times) : newRelationship(visit, times, nowMs);
  if (!near) await insertRelationship(tx, row);
  await insertVisit(tx, { ...visitRow(visit), relationshipId: row.id });
  await emit("relationship.changed", changeOf(row));
}

/** A cancelled visit no longer backs its relationship: it shrinks to what is left, or closes when nothing is. */
export async function followCancellation(tx: Tx, emit: Emit, visit: EventData<"appointment.cancelled">, nowMs: number): Promise<void> {
  const now = new Date(nowMs);
  await lockPatient(tx, visit.patientId);
  const known = await findVisit(tx, visit.appointmentId);
  // Heard before its booking: remembered, so that the booking opens nothing.
  if (!known) return insertVisit(tx, { ...visitRow(visit), cancelledAt: now });
  if (known.cancelledAt || !known.relationshipId) return;
  await cancelVisit(tx, visit.appointmentId, now);
  const relationship = await getRelationship(tx, known.relationshipId);
  if (relationship.closedAt) return;
  const left = hull((await listBackingVisits(tx, relationship.id)).map(windowOf));
  const change = left ? { startsAt: new Date(left.fromMs), endsAt: new Date(left.untilMs) } : { endsAt: now, closedAt: now };
  await emit("relationship.changed", changeOf(await saveRelationship(tx, relationship.id, change)));
}

function visitRow(visit: EventData<"appointment.booked">): VisitRow {
  const { appointmentId, patientId, doctorId, start, end } = visit;
  return { appointmentId, patientId, doctorId, relationshipId: null, startsAt: new Date(start), endsAt: new Date(end), cancelledAt: null };
}

function newRelationship(
  { patientId, doctorId, clinicId }: EventData<"appointment.booked">,
  times: { startsAt: Date; endsAt: Date },
  nowMs: number,
): RelationshipRow {
  const id = newId("rel", nowMs);
  return { id, patientId, doctorId, clinicId, basis: "booking", ...times, closedAt: null, createdAt: new Date(nowMs) };
}

function windowOf(visit: VisitRow) {
  return careWindow({ startMs: visit.startsAt.getTime(), endMs: visit.endsAt.getTime() });
}

function windowOfRelationship(row: RelationshipRow) {
  return { fromMs: row.startsAt.getTime(), untilMs: row.endsAt?.getTime() ?? Number.POSITIVE_INFINITY };
}
