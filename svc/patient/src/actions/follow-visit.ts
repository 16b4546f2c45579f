import type { EventData } from "@episante/contracts/events";
import type { Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { Emit } from "@episante/service/outbox";
import { careWindow, hull, isConnected } from "../domain/care-window.ts";
import { rememberClinics } from "../storage/patients.ts";
import {
  cancelVisit,
  getRelationship,
  insertVisits,
  keepRelationships,
  listBackingVisits,
  listBookedRelationships,
  listVisits,
  lockPatients,
  type RelationshipRow,
  saveRelationship,
  saveVisit,
  type VisitRow,
} from "../storage/relationships.ts";
import { changeOf } from "./shape.ts";

type BookedVisit = EventData<"appointment.booked">;
/** A visit, and the trace of what it was booked by. */
interface Booking {
  readonly data: BookedVisit;
  readonly traceparent?: string | undefined;
}

/**
 * A booked visit lets its doctor treat the patient: opens a relationship, or stretches the one whose time it touches. However many come
 * at once, the statements are the same few, and a relationship that several of them change is told once, as it ends up.
 */
export async function followBookings(tx: Tx, emit: Emit, bookings: readonly Booking[], nowMs: number): Promise<void> {
  const now = new Date(nowMs);
  const visits = bookings.map(({ data }) => data);
  const patientIds = visits.map(({ patientId }) => patientId);
  await lockPatients(tx, patientIds);
  const [known, rows] = await Promise.all([
    listVisits(
      tx,
      visits.map(({ appointmentId }) => appointmentId),
    ),
    listBookedRelationships(
      tx,
      patientIds,
      visits.map(({ doctorId }) => doctorId),
      now,
    ),
    rememberClinics(tx, visits, now),
  ]);
  const seen = new Set(known.map(({ appointmentId }) => appointmentId));
  const open = new Map(rows.map((row) => [row.id, row]));
  const changed = new Map<string, string | undefined>();
  const added: VisitRow[] = [];
  for (const { data: visit, traceparent } of bookings) {
    if (seen.has(visit.appointmentId)) continue;
    seen.add(visit.appointmentId);
    const row = backedBy(visit, [...open.values()], nowMs);
    open.set(row.id, row);
    changed.set(row.id, traceparent);
    added.push({ ...visitRow(visit), relationshipId: row.id });
  }
  if (added.length === 0) return;
  const toSave = [...changed.keys()].flatMap((id) => open.get(id) ?? []);
  await Promise.all([keepRelationships(tx, toSave), insertVisits(tx, added)]);
  for (const row of toSave) await emit("relationship.changed", changeOf(row), changed.get(row.id));
}

/** The relationship as the visit makes it: one of the open ones, stretched, or a new one. */
function backedBy(visit: BookedVisit, open: readonly RelationshipRow[], nowMs: number): RelationshipRow {
  const window = windowOf(visitRow(visit));
  const [near] = open
    .filter((row) => row.patientId === visit.patientId && row.doctorId === visit.doctorId && isConnected(windowOfRelationship(row), window))
    .sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime());
  const stretch = hull(near ? [windowOfRelationship(near), window] : [window]) ?? window;
  const times = { startsAt: new Date(stretch.fromMs), endsAt: new Date(stretch.untilMs) };
  return near ? { ...near, ...times } : newRelationship(visit, times, nowMs);
}

/** A cancelled visit no longer backs its relationship: it shrinks to what is left, or closes when nothing is. */
export async function followCancellation(tx: Tx, emit: Emit, visit: BookedVisit, nowMs: number): Promise<void> {
  const now = new Date(nowMs);
  await lockPatients(tx, [visit.patientId]);
  const [known] = await listVisits(tx, [visit.appointmentId]);
  // Heard before its booking: remembered, so that the booking opens nothing.
  if (!known) return insertVisits(tx, [{ ...visitRow(visit), cancelledAt: now }]);
  if (known.cancelledAt || !known.relationshipId) return;
  await cancelVisit(tx, visit.appointmentId, now);
  const relationship = await getRelationship(tx, known.relationshipId);
  if (relationship.closedAt) return;
  await shrink(tx, emit, relationship, hull((await listBackingVisits(tx, relationship.id)).map(windowOf)), nowMs);
}

/**
 * A moved visit backs the care around its new time. With the same doctor and nothing else in between, its relationship moves along; else it
 * leaves that one as if cancelled and joins the other as if booked. What the patient ended stays ended.
 */
export async function followMove(tx: Tx, emit: Emit, visit: EventData<"appointment.moved">, nowMs: number): Promise<void> {
  await lockPatients(tx, [visit.patientId]);
  const [known] = await listVisits(tx, [visit.appointmentId]);
  // Heard before its booking: that will find it known.
  if (!known) return followBookings(tx, emit, [{ data: visit }], nowMs);
  if (known.cancelledAt) return;
  const moved = { ...visitRow(visit), relationshipId: known.relationshipId };
  const relationship = known.relationshipId ? await getRelationship(tx, known.relationshipId) : null;
  const stays = relationship && relationship.doctorId === visit.doctorId;
  if (relationship?.closedAt && stays) return saveVisit(tx, moved);
  const rest = relationship
    ? (await listBackingVisits(tx, relationship.id)).filter(({ appointmentId }) => appointmentId !== visit.appointmentId)
    : [];
  const left = hull(rest.map(windowOf));
  if (relationship && stays && (!left || isConnected(left, windowOf(moved)))) {
    const whole = hull([...rest, moved].map(windowOf)) ?? windowOf(moved);
    const times = { startsAt: new Date(whole.fromMs), endsAt: new Date(whole.untilMs) };
    await saveVisit(tx, moved);
    return emit("relationship.changed", changeOf(await saveRelationship(tx, relationship.id, times)));
  }
  if (relationship && !relationship.closedAt) await shrink(tx, emit, relationship, left, nowMs);
  await join(tx, emit, visit, nowMs);
}

/** What was entered in error backs nothing, as if cancelled; either taken back, it counts again. Other states change no care. */
export async function followStatus(tx: Tx, emit: Emit, visit: EventData<"appointment.status-changed">, nowMs: number): Promise<void> {
  if (visit.to === "entered-in-error") return followCancellation(tx, emit, visit, nowMs);
  if (visit.from !== "entered-in-error" && visit.from !== "cancelled") return;
  await lockPatients(tx, [visit.patientId]);
  const [known] = await listVisits(tx, [visit.appointmentId]);
  if (known?.cancelledAt) await join(tx, emit, visit, nowMs);
}

/** Lets a known visit back care with its doctor, as a new booking would. */
async function join(tx: Tx, emit: Emit, visit: BookedVisit, nowMs: number): Promise<void> {
  const joined = backedBy(visit, await listBookedRelationships(tx, [visit.patientId], [visit.doctorId], new Date(nowMs)), nowMs);
  await keepRelationships(tx, [joined]);
  await saveVisit(tx, { ...visitRow(visit), relationshipId: joined.id });
  await emit("relationship.changed", changeOf(joined));
}

/** The relationship as what is left of its visits makes it; closed when nothing is. */
async function shrink(tx: Tx, emit: Emit, { id }: RelationshipRow, left: ReturnType<typeof hull>, nowMs: number): Promise<void> {
  const now = new Date(nowMs);
  const change = left ? { startsAt: new Date(left.fromMs), endsAt: new Date(left.untilMs) } : { endsAt: now, closedAt: now };
  await emit("relationship.changed", changeOf(await saveRelationship(tx, id, change)));
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
