import { toInstant } from "@episante/contracts/time";
import { auditMessage } from "@episante/service/audit";
import { grant, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { type Emit, emitter, enqueue } from "@episante/service/outbox";
import type { Deps } from "../deps.ts";
import { addDays, dayAt, type Interval, overlaps, startOfDay } from "../domain/calendar.ts";
import { widestHorizon } from "../domain/openings.ts";
import { judgeTime } from "../domain/policy.ts";
import { type Question, timesOf } from "../domain/rules.ts";
import { freeSlots } from "../domain/slots.ts";
import { judgeMove, lastInstant } from "../domain/visit.ts";
import { daysOf, type Freed, isFreedFor, isWanted, offeredUntil } from "../domain/waitlist.ts";
import { listBusy, takeTime } from "../storage/busy.ts";
import { type DoctorHours, findHours, listOnlineReasons, lockDoctor } from "../storage/doctors.ts";
import { forgetFreed, listFreed } from "../storage/freed.ts";
import { insertHold } from "../storage/holds.ts";
import { countNoShows } from "../storage/no-shows.ts";
import { listResourceTimes, lockClinicResources } from "../storage/resources.ts";
import { findVisit, type VisitRow } from "../storage/visits.ts";
import {
  doesAnybodyWait,
  endEntry,
  findWaitlist,
  listDueWaitlists,
  listWaiting,
  saveDue,
  saveOpenHours,
  type WaitingRow,
  type WaitlistDoctorRow,
} from "../storage/waitlist.ts";
import { insertOffer, listOpenOffers, nextHoldEnd, type OfferRow } from "../storage/waitlist-offers.ts";
import { type Bookable, needsOf } from "./bookable.ts";
import { endOffer, factsOf } from "./end-offer.ts";
import { isBlocked } from "./no-show-gate.ts";
import { noteOpenHours } from "./note-open-hours.ts";
import { findVisitorFacts } from "./visitor-facts.ts";

export const offerJob = "offer-freed-times";
const actor = { kind: "system", job: offerJob } as const;
const dayMs = 86_400_000;
/** Doctors looked at in one turn, and offers made to one doctor's list in one transaction. */
const mostDoctors = 100;
const mostOffers = 50;
/** A held time outlasts its offer by so much, so that it goes to the next who waits and not to who happens to look. */
const handOverMs = 60_000;

type OfferDeps = Pick<Deps, "db" | "clock" | "service" | "log" | "outbox">;

/** What one look at a doctor's waitlist works with. The doctor's lock is held. */
interface Look {
  readonly deps: OfferDeps;
  readonly tx: Tx;
  readonly emit: Emit;
  readonly now: number;
  readonly doctor: DoctorHours;
}

/** Looks at every waitlist for which something changed or ran out. One that fails is looked at again in the next turn. */
export async function offerDue(deps: OfferDeps): Promise<void> {
  const now = deps.clock.now();
  for (const doctorId of await deps.db.transaction(grant.system(offerJob), (tx) => listDueWaitlists(tx, now, mostDoctors))) {
    try {
      await lookAt(deps, doctorId);
    } catch (error) {
      deps.log.warn({ job: offerJob, err: error }, "a waitlist could not be looked at, the next turn will");
    }
  }
  deps.outbox.wake();
}

/** Makes the function that has due waitlists looked at soon, while nobody waits for it. The job does what is lost with the process. */
export function makeWaitlistWaker(deps: OfferDeps): () => void {
  let isRunning = false;
  let isWanted = false;
  async function run(): Promise<void> {
    while (isWanted) {
      isWanted = false;
      await offerDue(deps).catch((error) => deps.log.warn({ job: offerJob, err: error }, "waitlists could not be looked at, the job will"));
    }
    isRunning = false;
  }
  return () => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    void run();
  };
}

/** Ends what ran out, notes what was opened, and offers what is free to who waits for it. One transaction: all of it, or nothing. */
function lookAt(deps: OfferDeps, doctorId: string): Promise<void> {
  return deps.db.transaction(grant.system(offerJob), async (tx) => {
    await lockDoctor(tx, doctorId);
    const now = deps.clock.now();
    const doctor = await findHours(tx, doctorId);
    if (!doctor) return saveDue(tx, doctorId, null);
    await lockClinicResources(tx, doctor.clinicId);
    const look: Look = { deps, tx, emit: emitter(tx, actor, deps.clock), now, doctor };
    await forgetFreed(tx, doctorId, now);
    await endOverdue(look);
    if (!(await doesAnybodyWait(tx, doctor))) return rest(look);
    await noteOpenHours(tx, doctor, now);
    const settings = await findWaitlist(tx, doctorId);
    const isDone = settings.mode === "off" || (await offerAll(look, settings));
    await saveDue(tx, doctorId, isDone ? await nextLook(look) : now);
  });
}

/** Nobody waits: nothing needs to be known until somebody does. An offer that is left (its entry ended with it) cannot be. */
async function rest({ tx, doctor: { doctorId } }: Look): Promise<void> {
  await forgetFreed(tx, doctorId, null);
  await saveOpenHours(tx, doctorId, null, null);
  await saveDue(tx, doctorId, null);
}

/** How often is looked whether a time that is offered to all was booked by somebody else. */
const raceMs = 60_000;

/** When time alone changes something: an offer or a hold ends, or a new day begins. */
async function nextLook({ tx, doctor, now }: Look): Promise<number> {
  const { zone } = doctor.schedule;
  const midnight = startOfDay(zone, addDays(dayAt(zone, now), 1));
  const open = await listOpenOffers(tx, doctor.doctorId);
  const ends = open.map(({ isHeld, untilMs }) => (isHeld ? untilMs : Math.min(untilMs, now + raceMs)));
  const holdEnd = await nextHoldEnd(tx, doctor.doctorId, now);
  return Math.min(midnight, holdEnd ?? midnight, ...ends);
}

/** Ends offers whose time is over, and those whose time cannot be booked any more (the doctor is away, somebody else was faster). */
async function endOverdue(look: Look): Promise<void> {
  const { tx, now, doctor } = look;
  const open = await listOpenOffers(tx, doctor.doctorId);
  if (open.length === 0) return;
  const reasons = doctor.isActive ? await listOnlineReasons(tx, doctor.doctorId) : [];
  for (const offer of open) {
    const reason = reasons.find(({ reasonId }) => reasonId === offer.reasonId);
    const isFit = reason && !judgeTime({ ...doctor, reason, startMs: offer.startMs, nowMs: now });
    // Asked anew for each: the offer before may have given its time back.
    const isTaken = !offer.isHeld && reason && (await isBusy(look, timesOf(reason, offer.startMs).around));
    if (offer.untilMs <= now) await endOffer(look, offer, "expired");
    else if (!isFit || isTaken) await endOffer(look, offer, "withdrawn");
  }
}

async function isBusy({ tx, now, doctor: { doctorId } }: Look, { startMs, endMs }: Interval): Promise<boolean> {
  return (await listBusy(tx, { doctorId, fromMs: startMs, toMs: endMs, nowMs: now, withHolds: false })).length > 0;
}

/** Offers freed times in order of entry. @returns false when there may be more to offer */
async function offerAll(look: Look, settings: WaitlistDoctorRow): Promise<boolean> {
  const { tx, now, doctor } = look;
  const [waiting, freed] = await Promise.all([listWaiting(tx, doctor), listFreed(tx, doctor.doctorId)]);
  const entries = await endPointless(look, waiting);
  if (freed.length === 0 || entries.length === 0) return true;
  const reasons = await listOnlineReasons(tx, doctor.doctorId);
  const toMs = now + (widestHorizon(doctor.schedule, reasons) + 2) * dayMs;
  const taken = await listBusy(tx, { doctorId: doctor.doctorId, fromMs: now, toMs, nowMs: now });
  const needs = { clinicId: doctor.clinicId, types: [...new Set(reasons.flatMap(({ resourceTypes }) => resourceTypes))] };
  const resources = await listResourceTimes(tx, needs, { startMs: now, endMs: toMs, nowMs: now });
  const free = freeTimes(doctor.isActive ? reasons.map((reason) => ({ ...doctor, reason })) : [], freed, { taken, resources }, now);
  let offers = 0;
  for (const { entry, visit } of entries) {
    if (offers >= mostOffers) return false;
    const found = await findTime(look, { entry, visit, free, freed, settings });
    if (!found) continue;
    if (!(await makeOffer(look, entry, found, settings))) continue;
    offers++;
    if (settings.mode === "one-by-one") free.take(timesOf(found.bookable.reason, found.startMs).around);
  }
  return true;
}

/** An entry with the visit it would be instead of. */
interface Wanting {
  readonly entry: WaitingRow;
  readonly visit: VisitRow | undefined;
}

/** Ends entries whose last day has passed or whose visit cannot be moved any more. @returns the others */
async function endPointless({ tx, now, doctor }: Look, waiting: readonly WaitingRow[]): Promise<Wanting[]> {
  const today = dayAt(doctor.schedule.zone, now);
  const left: Wanting[] = [];
  for (const entry of waiting) {
    const visit = entry.insteadOf ? ((await findVisit(tx, entry.insteadOf)) ?? undefined) : undefined;
    const isOver = (entry.until !== undefined && entry.until < today) || (entry.insteadOf !== null && !isMovable(visit, now));
    if (isOver) await endEntry(tx, entry.id, "over", now);
    else left.push({ entry, visit });
  }
  return left;
}

function isMovable(visit: VisitRow | undefined, now: number): visit is VisitRow {
  if (!visit) return false;
  const untilMs = lastInstant(visit.startMs, visit.moveHours);
  return judgeMove(visit, { kind: "move", hours: visit.moveHours, untilMs }, now, false) === null;
}

/** Free times on the days where something was freed, for each reason; found when first asked for. */
interface FreeTimes {
  readonly of: (reasonId: string) => { readonly bookable: Bookable; readonly starts: readonly number[] } | undefined;
  /** Somebody has it now. */
  readonly take: (around: Interval) => void;
}

function freeTimes(
  offers: readonly Bookable[],
  freed: readonly Freed[],
  used: Pick<Question, "taken" | "resources">,
  now: number,
): FreeTimes {
  const known = new Map<string, number[]>();
  const list = (bookable: Bookable) =>
    daysOf(freed, bookable.schedule.zone).flatMap((day) =>
      [...freeSlots({ ...bookable, ...used, nowMs: now, fromDay: day, toDay: day })].map(({ startMs }) => startMs),
    );
  const gone: Interval[] = [];
  return {
    of: (reasonId) => {
      const bookable = offers.find(({ reason }) => reason.reasonId === reasonId);
      if (!bookable) return undefined;
      const starts = known.get(reasonId) ?? list(bookable);
      known.set(reasonId, starts);
      const isLeft = (startMs: number) => !gone.some((one) => overlaps(one, timesOf(bookable.reason, startMs).around));
      return { bookable, starts: starts.filter(isLeft) };
    },
    take: (around) => void gone.push(around),
  };
}

/** A time for somebody, and until when it is offered. */
interface Found {
  readonly bookable: Bookable;
  readonly startMs: number;
  readonly untilMs: number;
}

/** The first free time that somebody waits for and could book, by the same rules as any booking; or null. */
async function findTime(
  { tx, now, doctor }: Look,
  { entry, visit, free, freed, settings }: Wanting & { free: FreeTimes; freed: readonly Freed[]; settings: WaitlistDoctorRow },
): Promise<Found | null> {
  const { patientId, clinicId } = entry;
  const reasonId = entry.wishes.find(({ doctorId }) => doctorId === doctor.doctorId)?.reasonId;
  const offered = reasonId === undefined ? undefined : free.of(reasonId);
  if (!offered) return null;
  const { bookable, starts } = offered;
  const { reason, schedule } = bookable;
  const isLong = settings.mode === "first-come";
  for (const startMs of starts) {
    if (!isWanted(entry, schedule.zone, startMs, visit) || entry.offeredStarts.includes(startMs)) continue;
    if (!isFreedFor(freed, entry.place, reason.reasonId, timesOf(reason, startMs).around)) continue;
    // What nothing is held for may stay open as long as it can be booked.
    const offerMinutes = isLong ? Number.POSITIVE_INFINITY : settings.offerMinutes;
    const noticeMinutes = reason.noticeMinutes ?? schedule.noticeMinutes;
    const untilMs = offeredUntil(now, startMs, { noticeMinutes, offerMinutes, zone: schedule.zone });
    if (untilMs === null) continue;
    const facts = await findVisitorFacts(tx, bookable, { ...timesOf(reason, startMs).visit, patientId, accountId: "", nowMs: now });
    if (judgeTime({ ...bookable, ...facts, startMs, nowMs: now })) continue;
    if (isBlocked(await countNoShows(tx, { clinicId, patientId, nowMs: now }))) return null;
    return { bookable, startMs, untilMs };
  }
  return null;
}

/** Offers a time: holds it, unless the first who accepts is to have it, and tells. @returns false when the entry has an offer of another doctor */
async function makeOffer(
  { deps, tx, emit, now, doctor }: Look,
  entry: WaitingRow,
  found: Found,
  { mode }: WaitlistDoctorRow,
): Promise<boolean> {
  const { reason, schedule } = found.bookable;
  const { visit, around } = timesOf(reason, found.startMs);
  const { clinicId, patientId } = entry;
  const wish = entry.wishes.find(({ doctorId }) => doctorId === doctor.doctorId);
  if (!wish) return false;
  const offer: Omit<OfferRow, "status"> = {
    id: newId("wof", now),
    entryId: entry.id,
    clinicId,
    patientId,
    ...wish,
    ...visit,
    zone: schedule.zone,
    untilMs: found.untilMs,
    isHeld: mode === "one-by-one",
  };
  if (!(await insertOffer(tx, offer, now))) return false;
  if (offer.isHeld) {
    const expiresMs = offer.untilMs + handOverMs;
    const busyId = await takeTime(tx, {
      ...around,
      doctorId: doctor.doctorId,
      holder: offer.id,
      nowMs: now,
      expiresMs,
      needs: needsOf(found.bookable),
    });
    if (!busyId) throw new Error("a free time was taken without the lock of its doctor");
    // Under a name of its own: no account's other holds, moves or bookings end it.
    const hold = { ...offer, id: newId("hld", now), accountId: offer.id, createdMs: now, expiresMs };
    await insertHold(tx, hold, busyId);
  }
  await emit("waitlist.offered", { ...factsOf(offer), until: toInstant(offer.untilMs), held: offer.isHeld });
  const notes = [{ patientIds: [patientId], clinicIds: [clinicId], entity: { type: "waitlist-offer", id: offer.id } }];
  await enqueue(tx, [auditMessage({ service: deps.service, code: "appointment.offer-freed", outcome: "ok", actor, notes, nowMs: now })]);
  return true;
}
