import { isExclusionViolation, type Tx } from "@episante/service/db";
import { sql, TransactionRollbackError } from "drizzle-orm";
import type { Interval } from "../domain/calendar.ts";
import { type BusyState, busyStateOf, type FloorState } from "../domain/floor.ts";
import { type Needs, takeResources } from "./resources.ts";
import { at, between } from "./rows.ts";
import type { VisitRow } from "./visits.ts";

/** Overbooked visits lie in lanes beside the doctor's ordinary time; more than these at one moment are a mistake. */
const mostLanes = 9;

/** Locks doctors in one order, so that two moves between the same two doctors cannot deadlock. */
export async function lockDoctors(tx: Tx, doctorIds: readonly string[]): Promise<void> {
  for (const doctorId of [...new Set(doctorIds)].sort())
    await tx.execute(sql`select 1 from doctors where doctor_id = ${doctorId} for update`);
}

/**
 * Moves the time a visit has, without ever letting go of it: the old time is given up in the same statement that takes the new one, so that
 * the new may overlap the old. Expired holds and the mover's own are out of the way first. The exclusion constraint decides.
 * @param time with the buffers; `needs`: what rooms and devices it has there, under the clinic's lock. Overbooked it has those that are free.
 * @returns false when somebody else has (part of) the time, or what it needs; nothing has changed then
 */
export async function moveTime(
  tx: Tx,
  visitId: string,
  time: Interval & { doctorId: string; lane: number; accountId: string; nowMs: number; needs: Needs },
): Promise<boolean> {
  const during = between(time.startMs, time.endMs);
  const { accountId, doctorId, nowMs } = time;
  await tx.execute(sql`
    select end_own_holds(${accountId}, ${doctorId}, ${at(nowMs)}), remove_expired_holds(${doctorId}, ${during}, ${at(nowMs)})`);
  return unlessTaken(tx, async (inner) => {
    const [row] = await inner.execute(
      sql`update busy set doctor_id = ${time.doctorId}, lane = ${time.lane}, during = ${during} where holder = ${visitId} returning id`,
    );
    const isComplete = !row || (await takeResources(inner, String(row.id), time.needs, nowMs));
    if (!isComplete && time.lane === 0) inner.rollback();
  });
}

/** First lane beside the ordinary time in which a doctor's time is free, or null. @param time with the buffers */
export async function findFreeLane(tx: Tx, time: Interval & { doctorId: string; exceptHolder?: string }): Promise<number | null> {
  const [row] = await tx.execute(sql`
    select lane from generate_series(1, ${mostLanes}::integer) as lane
    where not exists (select 1 from busy b where b.doctor_id = ${time.doctorId} and b.lane = lane.lane and b.state <> 'released'
      and b.during && ${between(time.startMs, time.endMs)} and b.holder <> ${time.exceptHolder ?? ""})
    order by lane limit 1`);
  return row ? Number(row.lane) : null;
}

/** Stores where a visit is now, and where it was. Its calendar file's sequence rises by itself. */
export async function savePlace(
  tx: Tx,
  visit: VisitRow,
  to: Interval & {
    doctorId: string;
    reasonId: string;
    zone: string;
    cancelUntilMs: number;
    overbookedReason: string | null;
    nowMs: number;
  },
): Promise<void> {
  const from = {
    doctorId: visit.doctorId,
    start: new Date(visit.startMs).toISOString(),
    end: new Date(visit.endMs).toISOString(),
    at: new Date(to.nowMs).toISOString(),
  };
  await tx.execute(sql`
    update appointments set doctor_id = ${to.doctorId}, reason_id = ${to.reasonId}, starts_at = ${at(to.startMs)}, ends_at = ${at(to.endMs)},
      zone = ${to.zone}, cancel_until = ${at(to.cancelUntilMs)}, overbooked_reason = ${to.overbookedReason}, moved_from = ${JSON.stringify(from)}::jsonb
    where id = ${visit.id}`);
}

/**
 * Stores the floor's state of a visit, and what it means for the visit's time. No state of the floor is cancelled: if the visit was, it is not now.
 * @returns false when the time was free meanwhile and somebody else has it now; nothing has changed then
 */
export async function saveFloor(tx: Tx, visitId: string, state: FloorState, nowMs: number): Promise<boolean> {
  const busy: BusyState = busyStateOf(state.status);
  if (busy !== "released")
    await tx.execute(
      sql`select remove_expired_holds(doctor_id, during, ${at(nowMs)}) from busy where holder = ${visitId} and state = 'released'`,
    );
  const kept = await unlessTaken(tx, (inner) => inner.execute(sql`update busy set state = ${busy} where holder = ${visitId}`));
  if (!kept) return false;
  const instant = (value: number | null) => (value === null ? sql`null` : at(value));
  await tx.execute(sql`
    update appointments set status = ${state.status}, arrived_at = ${instant(state.arrivedMs)}, in_room_at = ${instant(state.inRoomMs)},
      done_at = ${instant(state.doneMs)}, excused = ${state.excused}, cancelled_at = null, cancelled_by = null, cancelled_kind = null,
      cancel_reason = null, noshow_at = ${state.status === "noshow" ? at(nowMs) : sql`null`}
    where id = ${visitId}`);
  return true;
}

/** Runs statements that take time in a savepoint. @returns false when the exclusion constraint or `rollback` said no */
export async function unlessTaken(tx: Tx, take: (inner: Tx) => Promise<unknown>): Promise<boolean> {
  try {
    await tx.transaction((inner) => take(inner));
    return true;
  } catch (error) {
    if (isExclusionViolation(error, "busy_no_overlap") || error instanceof TransactionRollbackError) return false;
    throw error;
  }
}
