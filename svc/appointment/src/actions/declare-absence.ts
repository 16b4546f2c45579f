import type { AbsenceVisit, declareAbsence as endpoint } from "@episante/contracts/absence";
import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { DoctorId, ReasonId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { toInstant } from "@episante/contracts/time";
import { defineAction } from "@episante/service/action";
import type { Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { Deps } from "../deps.ts";
import { daysLater, equalReason, faultsOfAbsence, shiftOf } from "../domain/absence.ts";
import { addDays, dayAt, type Interval, startOfDay } from "../domain/calendar.ts";
import { judgeTime } from "../domain/policy.ts";
import { freeSlots } from "../domain/slots.ts";
import { endHoldsWithin, insertAbsence, listWaitingVisits, toAbsence } from "../storage/absences.ts";
import { listBusy } from "../storage/busy.ts";
import { type DoctorHours, findDoctor, findHours, findReason, listOpenReasons, type ReasonRow } from "../storage/doctors.ts";
import { lockDoctors } from "../storage/moves.ts";
import { listWritable } from "../storage/patients.ts";
import { listResourceTimes } from "../storage/resources.ts";
import { findVisit, type VisitRow } from "../storage/visits.ts";
import { cancelVisit } from "./cancel-visit.ts";
import { accessHours } from "./keep-schedule.ts";
import { type Changing, placeVisit } from "./place-visit.ts";
import { publishOpenings } from "./publish-openings.ts";
import { takenBack } from "./taken-back.ts";
import { accountOf } from "./viewpoint.ts";

type Input = BodyOf<typeof endpoint>;
type Output = ResponseOf<typeof endpoint>;
type Plan = Input["visits"];

/** Visits one absence deals with; one transaction keeps its doctors' bookings waiting. */
const mostVisits = 1_000;
const minuteMs = 60_000;

/**
 * Declares a doctor absent and deals with the visits of the period in the same transaction: until it commits nobody books with the doctors
 * concerned, afterwards nobody books into the period. A dry run is the real one, taken back.
 */
export const declareAbsence = defineAction<Deps, Input, Output>({
  name: "appointment.declare-absence",
  idempotent: true,
  access: accessHours,
  run: async ({ actor, input, tx, now, emit, audit }) => {
    const { doctorId, dryRun, visits: plan } = input;
    const period = { startMs: Date.parse(input.start), endMs: Date.parse(input.end) };
    const errors = faultsOfAbsence(period, now);
    if (errors.length > 0) return refuse("invalid-input", { errors });
    const concerned = plan.plan === "colleague" ? [doctorId, plan.toDoctorId] : [doctorId];
    await lockDoctors(tx, concerned);
    const unfit = await judgePlan(tx, input, now);
    if (unfit) return unfit;
    const note = input.note?.toWellFormed() || null;
    const absence = { id: newId("abs", now), doctorId, note, ...period };
    const declare = async (inner: Tx, tell: typeof emit): Promise<AbsenceVisit[] | Refusal> => {
      await insertAbsence(inner, absence, { accountId: accountOf(actor), nowMs: now });
      await endHoldsWithin(inner, { doctorId, ...period, nowMs: now });
      return dealWithVisits({ tx: inner, actor, emit: tell, now }, { doctorId, ...period }, plan);
    };
    const visits = dryRun ? await takenBack(tx, (inner) => declare(inner, async () => undefined)) : await declare(tx, emit);
    if (isRefusal(visits)) return visits;
    if (!dryRun) for (const id of new Set(concerned)) await publishOpenings(tx, id, now, emit);
    audit({
      patientIds: visits.map(({ patientId }) => patientId),
      entity: dryRun ? { type: "absences", id: doctorId } : { type: "absence", id: absence.id },
    });
    return {
      ...(dryRun ? {} : { absence: toAbsence(absence) }),
      visits,
      callList: visits.flatMap(({ appointmentId, outcome, reach }) => (outcome !== "kept" && reach === "call" ? [appointmentId] : [])),
    };
  },
});

/** What is wrong with a plan. A doctor of another clinic is refused like one who does not exist. */
async function judgePlan(tx: Tx, { doctorId, visits: plan }: Input, nowMs: number): Promise<Refusal | null> {
  const invalid = (path: string, message: string) => refuse("invalid-input", { errors: [{ path: `visits.${path}`, message }] });
  const own = await findHours(tx, doctorId);
  if (!own) return refuse("not-found");
  if (plan.plan === "move" && plan.moveToDay < dayAt(own.schedule.zone, nowMs)) return invalid("moveToDay", "has passed");
  if (plan.plan !== "colleague") return null;
  const colleague = await findDoctor(tx, plan.toDoctorId);
  if (plan.toDoctorId === doctorId || !colleague?.isActive || colleague.clinicId !== own.clinicId)
    return invalid("toDoctorId", "no colleague of the clinic");
  const known = await listOpenReasons(tx, plan.toDoctorId);
  const wrong = (plan.reasons ?? []).findIndex(({ toReasonId }) => !known.some(({ reasonId }) => reasonId === toReasonId));
  return wrong < 0 ? null : invalid(`reasons.${wrong}.toReasonId`, "no open reason of the colleague");
}

/** Where the plan wants a visit to be. */
interface Wish {
  readonly hours: DoctorHours;
  readonly reason: ReasonRow;
  readonly startMs: number;
}

async function dealWithVisits(changing: Changing, period: Interval & { doctorId: string }, plan: Plan): Promise<AbsenceVisit[] | Refusal> {
  const { tx, now } = changing;
  const ids = await listWaitingVisits(tx, { ...period, nowMs: now, limit: mostVisits + 1 });
  if (ids.length > mostVisits)
    return refuse("invalid-input", { errors: [{ path: "end", message: `more than ${mostVisits} visits: declare it in parts` }] });
  const waiting: VisitRow[] = [];
  for (const id of ids) {
    const visit = await findVisit(tx, id, { lock: true });
    // Somebody has come in the meantime: no longer the plan's to change.
    if (visit && (visit.status === "booked" || visit.status === "pending")) waiting.push(visit);
  }
  const wishes = await wishesOf(tx, period, plan, waiting);
  const places = new Map<string, VisitRow>();
  const tryAt = async (visit: VisitRow, wish: Wish, startMs: number): Promise<boolean> => {
    const { hours, reason } = wish;
    if (judgeTime({ ...hours, reason, startMs, nowMs: now, byMember: true })) return false;
    const to = { doctorId: hours.doctorId as DoctorId, zone: hours.schedule.zone, reason, startMs };
    const moved = await placeVisit(changing, visit, to);
    if (moved) places.set(visit.id, moved);
    return moved !== null;
  };
  // First everybody who can keep the time of day, then the others: nobody loses that time to somebody who comes from another one.
  const others: [VisitRow, Wish][] = [];
  for (const visit of waiting) {
    const wish = wishes.get(visit.id);
    if (wish && !(await tryAt(visit, wish, wish.startMs))) others.push([visit, wish]);
  }
  for (const [visit, wish] of others) {
    for (const startMs of await nearestThatDay(tx, wish, now)) if (await tryAt(visit, wish, startMs)) break;
  }
  const writable = await listWritable(tx, [...new Set(waiting.map(({ patientId }) => patientId))], now);
  const told: AbsenceVisit[] = [];
  for (const visit of waiting) {
    const moved = places.get(visit.id);
    const isCancelled = !moved && (plan.plan === "cancel" || ("otherwise" in plan && plan.otherwise === "cancel"));
    if (isCancelled) await cancelVisit(changing, visit, "reason" in plan ? plan.reason : undefined);
    const isPlanned = plan.plan === "move" || plan.plan === "colleague";
    told.push({
      appointmentId: visit.id,
      patientId: visit.patientId,
      reasonId: visit.reasonId,
      start: toInstant(visit.startMs),
      end: toInstant(visit.endMs),
      outcome: moved ? "moved" : isCancelled ? "cancelled" : "kept",
      ...(moved ? { to: placeOf(moved) } : {}),
      ...(!moved && isPlanned ? { obstacle: wishes.has(visit.id) ? ("no-free-time" as const) : ("no-equal-reason" as const) } : {}),
      reach: writable.has(visit.patientId) ? "message" : "call",
    });
  }
  return told;
}

function placeOf(visit: VisitRow): NonNullable<AbsenceVisit["to"]> {
  return { doctorId: visit.doctorId, reasonId: visit.reasonId, start: toInstant(visit.startMs), end: toInstant(visit.endMs) };
}

/** Where the plan wants each visit; a visit without an equal reason is wanted nowhere. Hours are read after the absence was stored. */
async function wishesOf(
  tx: Tx,
  period: Interval & { doctorId: string },
  plan: Plan,
  visits: readonly VisitRow[],
): Promise<ReadonlyMap<string, Wish>> {
  const wishes = new Map<string, Wish>();
  if (plan.plan !== "move" && plan.plan !== "colleague") return wishes;
  const hours = await findHours(tx, plan.plan === "move" ? period.doctorId : plan.toDoctorId);
  if (!hours) return wishes;
  const { zone } = hours.schedule;
  const offered = plan.plan === "colleague" ? await listOpenReasons(tx, plan.toDoctorId) : [];
  const own = new Map<ReasonId, ReasonRow | null>();
  for (const visit of visits) {
    if (!own.has(visit.reasonId)) own.set(visit.reasonId, await findReason(tx, visit.reasonId));
    const known = own.get(visit.reasonId);
    if (!known) continue;
    // A visit may be longer or shorter than its reason is by now; it keeps its length.
    const minutes = (visit.endMs - visit.startMs) / minuteMs;
    const toReasonId =
      plan.plan === "colleague" ? plan.reasons?.find(({ reasonId }) => reasonId === visit.reasonId)?.toReasonId : undefined;
    const reason =
      plan.plan === "move"
        ? { ...known, minutes }
        : toReasonId
          ? offered.find(({ reasonId }) => reasonId === toReasonId)
          : equalReason(offered, { minutes, mode: known.mode });
    if (!reason) continue;
    const startMs = plan.plan === "move" ? daysLater(zone, visit.startMs, shiftOf(zone, period.startMs, plan.moveToDay)) : visit.startMs;
    wishes.set(visit.id, { hours, reason, startMs });
  }
  return wishes;
}

/** Free starts of the wanted day, the nearest to the wanted time first. */
async function nearestThatDay(tx: Tx, { hours, reason, startMs }: Wish, nowMs: number): Promise<number[]> {
  const { zone } = hours.schedule;
  const day = dayAt(zone, startMs);
  // Buffers reach over midnight.
  const [fromMs, toMs] = [startOfDay(zone, addDays(day, -1)), startOfDay(zone, addDays(day, 2))];
  const needs = { clinicId: hours.clinicId, types: reason.resourceTypes };
  const [taken, resources] = await Promise.all([
    listBusy(tx, { doctorId: hours.doctorId, fromMs, toMs, nowMs }),
    listResourceTimes(tx, needs, { startMs: fromMs, endMs: toMs, nowMs }),
  ]);
  const free = [...freeSlots({ ...hours, reason, nowMs, taken, resources, byMember: true, fromDay: day, toDay: day })];
  const distance = (start: number) => Math.abs(start - startMs);
  return free.map((slot) => slot.startMs).sort((a, b) => distance(a) - distance(b) || a - b);
}
