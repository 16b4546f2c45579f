import type { DoctorId } from "@episante/contracts/ids";
import type { Actor } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import type { Tx } from "@episante/service/db";
import type { Emit } from "@episante/service/outbox";
import { cancelUntil } from "../domain/policy.ts";
import { timesOf } from "../domain/rules.ts";
import type { ReasonRow } from "../storage/doctors.ts";
import { addHistory } from "../storage/history.ts";
import { findFreeLane, moveTime, savePlace } from "../storage/moves.ts";
import { lockResources } from "../storage/resources.ts";
import { findVisit, type VisitRow } from "../storage/visits.ts";
import { doerOf } from "./doer.ts";
import { accountOf, worksAt } from "./viewpoint.ts";

/** The transaction a visit is changed in, and who changes it. It holds the locks of the doctors concerned. */
export interface Changing {
  readonly tx: Tx;
  readonly actor: Actor;
  readonly emit: Emit;
  /** Business time, milliseconds. */
  readonly now: number;
}

/** Where a visit is to be. The place has been judged: only other bookings can be in the way. */
export interface NewPlace {
  readonly doctorId: DoctorId;
  readonly zone: string;
  readonly reason: ReasonRow;
  readonly startMs: number;
  /** Beside other visits, and why. */
  readonly overbook?: { readonly reason: string } | undefined;
}

/**
 * Gives a visit another time, keeping its id: time, history and the event that tells others. The exclusion constraint has the last word.
 * @returns the visit as it is now, or null when somebody else has (part of) the time; nothing has changed then
 */
export async function placeVisit({ tx, actor, emit, now }: Changing, visit: VisitRow, to: NewPlace): Promise<VisitRow | null> {
  const { doctorId, reason, overbook } = to;
  const needs = { clinicId: visit.clinicId, types: reason.resourceTypes };
  await lockResources(tx, needs);
  const { visit: time, around } = timesOf(reason, to.startMs);
  const lane = overbook ? await findFreeLane(tx, { ...around, doctorId, exceptHolder: visit.id }) : 0;
  if (lane === null || !(await moveTime(tx, visit.id, { ...around, doctorId, lane, accountId: accountOf(actor), nowMs: now, needs })))
    return null;
  await savePlace(tx, visit, {
    ...time,
    doctorId,
    reasonId: reason.reasonId,
    zone: to.zone,
    cancelUntilMs: cancelUntil(to.startMs, reason.cancelHours),
    overbookedReason: overbook?.reason ?? null,
    nowMs: now,
  });
  const moved = await findVisit(tx, visit.id);
  if (!moved) throw new Error("a visit that was moved is gone");
  const [former, later] = [placeOf(visit), placeOf(moved)];
  await addHistory(tx, visit, doerOf(actor, visit), { kind: "moved", former, later }, now);
  await emit("appointment.moved", {
    appointmentId: visit.id,
    patientId: visit.patientId,
    clinicId: visit.clinicId,
    reasonId: moved.reasonId,
    ...later,
    from: former,
    by: worksAt(actor, visit.clinicId) ? "clinic" : "patient",
    bookedAt: toInstant(visit.bookedMs),
    sequence: moved.sequence,
  });
  return moved;
}

function placeOf(visit: VisitRow) {
  return { doctorId: visit.doctorId, start: toInstant(visit.startMs), end: toInstant(visit.endMs) };
}
