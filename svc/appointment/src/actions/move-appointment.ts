import type { Appointment } from "@episante/contracts/appointment";
import type { BodyOf } from "@episante/contracts/endpoint";
import type { DoctorId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { toInstant } from "@episante/contracts/time";
import type { moveVisit as endpoint } from "@episante/contracts/visit";
import { type Action, defineAction } from "@episante/service/action";
import type { Tx } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { judgeTime } from "../domain/policy.ts";
import { isSamePlace, judgeMove, lastInstant } from "../domain/visit.ts";
import { findHours, findReason } from "../storage/doctors.ts";
import { lockDoctors } from "../storage/moves.ts";
import { findVisit, toVisit, type VisitRow } from "../storage/visits.ts";
import { type Bookable, slotTaken } from "./bookable.ts";
import { noteRefusal } from "./note-refusal.ts";
import { placeVisit } from "./place-visit.ts";
import { publishOpenings } from "./publish-openings.ts";
import { accountOf, worksAt } from "./viewpoint.ts";
import { accessVisit } from "./visit-access.ts";
import { findVisitorFacts } from "./visitor-facts.ts";

type Input = BodyOf<typeof endpoint> & { readonly id: string };
const minuteMs = 60_000;

/** Moves a visit in one step: it has the new time, or still the old one. Refused attempts stay in its history. */
export const moveAppointment: Action<Deps, Input, Appointment> = async (deps, actor, input, meta) =>
  noteRefusal(
    await move(deps, actor, input, meta),
    { deps, actor, meta },
    {
      id: input.id,
      attempt: "move",
      wanted: { start: toInstant(Date.parse(input.start)), ...(input.doctorId ? { doctorId: input.doctorId } : {}) },
    },
  );

const move = defineAction<Deps, Input, Appointment>({
  name: "appointment.move",
  idempotent: true,
  access: accessVisit,
  run: async ({ actor, input, tx, now, emit, audit }) => {
    const before = await findVisit(tx, input.id);
    if (!before) return refuse("not-found");
    const doctorId = input.doctorId ?? before.doctorId;
    await lockDoctors(tx, [before.doctorId, doctorId]);
    const visit = await findVisit(tx, input.id, { lock: true });
    if (!visit) return refuse("not-found");
    audit({ patientIds: [visit.patientId], clinicIds: [visit.clinicId], entity: { type: "appointment", id: visit.id } });
    // Moved to another doctor while this request waited: the lock is on the wrong one.
    if (visit.doctorId !== before.doctorId) return refuse("version-conflict");
    const byMember = worksAt(actor, visit.clinicId);
    const { moveHours: hours } = visit;
    const refusal = judgeMove(visit, { kind: "move", hours, untilMs: lastInstant(visit.startMs, hours) }, now, byMember);
    if (refusal) return refusal;
    const wanted = await findWanted(tx, visit, input, byMember);
    if (isRefusal(wanted)) return wanted;
    if (isSamePlace(visit, wanted) && wanted.bookable.reason.reasonId === visit.reasonId && !input.overbook)
      return toVisit(visit, byMember);
    const { bookable } = wanted;
    const { schedule, reason } = bookable;
    // Who comes was judged when it was booked; and the visit itself does not use up its own day.
    const { sameReasonStarts } = byMember
      ? {}
      : await findVisitorFacts(tx, bookable, { ...wanted, accountId: accountOf(actor), nowMs: now });
    const others = sameReasonStarts && withoutOne(sameReasonStarts, visit.startMs);
    const unfit = judgeTime({
      ...bookable,
      ...(others ? { sameReasonStarts: others } : {}),
      startMs: wanted.startMs,
      nowMs: now,
      byMember,
    });
    if (unfit) return unfit;
    const { startMs } = wanted;
    const moved = await placeVisit({ tx, actor, emit, now }, visit, {
      doctorId,
      zone: schedule.zone,
      reason,
      startMs,
      overbook: input.overbook,
    });
    if (!moved) return slotTaken(tx, { doctorId, reasonId: reason.reasonId, start: input.start }, now, actor);
    // Twice for one doctor: the freed time and the taken one each may change what is next.
    await publishOpenings(tx, visit.doctorId, now, emit, visit);
    await publishOpenings(tx, doctorId, now, emit, moved);
    return toVisit(moved, byMember);
  },
});

function withoutOne(starts: readonly number[], startMs: number): readonly number[] {
  const index = starts.indexOf(startMs);
  return index < 0 ? starts : starts.toSpliced(index, 1);
}

/** Where the visit would be. The length stays unless another reason is named; a colleague without one keeps the reason. */
async function findWanted(
  tx: Tx,
  visit: VisitRow,
  input: Input,
  byMember: boolean,
): Promise<{ bookable: Bookable; doctorId: DoctorId; startMs: number; endMs: number } | Refusal> {
  const doctorId = input.doctorId ?? visit.doctorId;
  const isElsewhere = doctorId !== visit.doctorId;
  if (!byMember && (isElsewhere || input.overbook || (input.reasonId && input.reasonId !== visit.reasonId)))
    return refuse("forbidden", { detail: "Patients move a visit to another time of the same doctor." });
  const hours = await findHours(tx, doctorId);
  if (hours?.clinicId !== visit.clinicId || (isElsewhere && !hours.isActive)) return refuse("not-found");
  const reasonId = input.reasonId ?? visit.reasonId;
  const known = await findReason(tx, reasonId);
  if (!known) return refuse("not-found");
  const isNew = reasonId !== visit.reasonId;
  if (isNew && (known.doctorId !== doctorId || known.isRetired)) return refuse("not-found");
  // A reason that is gone still has its visits: they keep their length and may be moved.
  const minutes = isNew ? known.minutes : (visit.endMs - visit.startMs) / minuteMs;
  const reason = { ...known, minutes };
  const startMs = Date.parse(input.start);
  const bookable = { ...hours, reason };
  return { bookable, doctorId, startMs, endMs: startMs + minutes * minuteMs };
}
