import type { Blocker } from "@episante/contracts/appointment";
import { type Refusal, refuse } from "@episante/contracts/problem";
import type { JudgedDate } from "@episante/contracts/series";
import type { Tx } from "@episante/service/db";
import { addDays, dayAt, overlaps, startOfDay } from "../domain/calendar.ts";
import { furthestDays, judgeOf, type Question, type Taken, timesOf, whyNotAt } from "../domain/rules.ts";
import { instantOfWall, type WallTime, wallOf } from "../domain/series.ts";
import { freeSlots } from "../domain/slots.ts";
import { listResourceTimes } from "../storage/resources.ts";
import { listTaken } from "../storage/taken.ts";
import { type Bookable, needsOf, toSlot } from "./bookable.ts";
import { findVisitorFacts } from "./visitor-facts.ts";

const dayMs = 86_400_000;
/** Days either side of a date in which other times are looked for. */
const nearDays = 6;
/** Buffers and a day more. */
const reachDays = nearDays + 3;
const mostAlternatives = 3;
/** Rules about the patient or the day that members of the clinic may pass over; they are told all the same. */
const worthTelling: readonly Blocker["code"][] = ["new-patients-only", "known-patients-only", "daily-cap"];

/** A time that a visit of a series is to have. */
export interface Wish {
  readonly bookable: Bookable;
  readonly wall: WallTime;
  /** Undefined when the clock skips it. */
  readonly startMs: number | undefined;
}
/** Who books for whom, and when. */
interface Asking {
  readonly patientId: string;
  readonly accountId: string;
  readonly nowMs: number;
}

/**
 * Judges the times of a series by the rules, for members of the clinic, in one reading of what is taken; with other free times near those that
 * cannot be had. A time that overlaps an earlier one of the list is taken by it, and no other time offered overlaps one of the list.
 */
export async function judgeDates(tx: Tx, wishes: readonly Wish[], asking: Asking): Promise<JudgedDate[]> {
  const judged = new Map<Wish, JudgedDate>();
  for (const ofOne of Map.groupBy(wishes, ({ bookable }) => bookable).values()) {
    const questions = await readQuestion(tx, ofOne, asking);
    const own = ofOne.map((wish) => around(wish));
    ofOne.forEach((wish, index) => {
      const [earlier, others] = [own.slice(0, index), own.toSpliced(index, 1)].map((times) => times.flatMap((time) => time ?? []));
      judged.set(wish, judgeOne(wish, questions, { earlier: earlier ?? [], others: others ?? [] }));
    });
  }
  return wishes.flatMap((wish) => judged.get(wish) ?? []);
}

/** What all dates with one doctor and reason are judged by. */
async function readQuestion(tx: Tx, wishes: readonly Wish[], { patientId, accountId, nowMs }: Asking): Promise<Question> {
  const [first] = wishes;
  if (!first) throw new Error("nothing to judge");
  const { bookable } = first;
  const { zone } = bookable.schedule;
  const today = dayAt(zone, nowMs);
  // Nothing is booked outside of these days, and calendars end somewhere.
  const days = wishes.map(({ wall }) => wall.day).filter((day) => day >= today && day <= addDays(today, furthestDays));
  const [firstDay, lastDay] = [days.toSorted()[0], days.toSorted().at(-1)];
  if (firstDay === undefined || lastDay === undefined) return { ...bookable, nowMs, byMember: true };
  const period = { startMs: startOfDay(zone, addDays(firstDay, -reachDays)), endMs: startOfDay(zone, addDays(lastDay, reachDays)) };
  const [taken, facts, resources] = await Promise.all([
    listTaken(tx, { doctorId: bookable.doctorId, nowMs, ...period }),
    findVisitorFacts(tx, bookable, { ...period, patientId, accountId, nowMs }),
    listResourceTimes(tx, needsOf(bookable), { ...period, nowMs }),
  ]);
  return { ...bookable, ...facts, resources, taken, nowMs, byMember: true };
}

function around({ bookable, startMs }: Wish): Taken | undefined {
  if (startMs === undefined) return undefined;
  const times = timesOf(bookable.reason, startMs);
  return { ...times.around, visit: times.visit };
}

function judgeOne(
  { bookable, wall: { day, minutes }, startMs }: Wish,
  question: Question,
  own: { readonly earlier: readonly Taken[]; readonly others: readonly Taken[] },
): JudgedDate {
  const { zone } = bookable.schedule;
  const nearMs = startMs ?? startOfDay(zone, day);
  const near = { startMs: nearMs - reachDays * dayMs, endMs: nearMs + reachDays * dayMs };
  const taken = (question.taken ?? []).filter((one) => overlaps(one, near));
  const asked = { ...question, taken: [...taken, ...own.earlier] };
  const why = (byMember: boolean) =>
    startMs === undefined ? whyNotAt({ ...asked, byMember }, day, minutes) : judgeOf({ ...asked, byMember }).all(startMs);
  const everybody = why(true);
  const patients = why(false).filter(({ code }) => worthTelling.includes(code));
  const time = startMs === undefined ? undefined : toSlot(timesOf(bookable.reason, startMs).visit, zone);
  const isNear = Math.abs(nearMs - question.nowMs) < furthestDays * dayMs;
  const free = everybody.length === 0;
  return {
    day,
    ...(time ? { start: time.start, end: time.end } : {}),
    free,
    blockers: [
      ...everybody.map((blocker) => ({ ...blocker, binds: "everybody" as const })),
      ...patients.map((blocker) => ({ ...blocker, binds: "patients" as const })),
    ],
    alternatives: free || !isNear ? [] : alternativesTo({ ...question, taken: [...taken, ...own.others] }, day, startMs ?? nearMs),
  };
}

/** Free times nearest to one that cannot be had, in order of time. */
function alternativesTo(question: Question, day: string, wantedMs: number) {
  const { zone } = question.schedule;
  const free = [...freeSlots({ ...question, fromDay: addDays(day, -nearDays), toDay: addDays(day, nearDays) })];
  return free
    .sort((a, b) => Math.abs(a.startMs - wantedMs) - Math.abs(b.startMs - wantedMs))
    .slice(0, mostAlternatives)
    .sort((a, b) => a.startMs - b.startMs)
    .map((slot) => toSlot(slot, zone));
}

const raceCodes: readonly Blocker["code"][] = ["taken", "held", "buffer", "no-resource"];

/** The refusal of dates of which some cannot be had, which it names; null when all are free. */
export function refuseDates(dates: readonly (JudgedDate & { readonly appointmentId?: string })[]): Refusal | null {
  const lost = dates.filter(({ free }) => !free);
  if (lost.length === 0) return null;
  const binding = lost.flatMap(({ blockers }) => blockers.filter(({ binds }) => binds === "everybody"));
  const extra = { dates: lost };
  if (binding.every(({ code }) => raceCodes.includes(code))) return refuse("slot-taken", { extra });
  return refuse(binding.some(({ code }) => code === "in-past") ? "slot-in-past" : "slot-outside-hours", { extra });
}

/** A date that was free when it was judged and yet could not be taken. */
export function lostDate<D extends JudgedDate>(date: D): D {
  const { start = "", end = "" } = date;
  return { ...date, free: false, blockers: [{ code: "taken", start, end, binds: "everybody" }] };
}

/** A wish for a wall-clock time. */
export function wishAt(bookable: Bookable, wall: WallTime): Wish {
  return { bookable, wall, startMs: instantOfWall(bookable.schedule.zone, wall) };
}

/** A wish for an instant. */
export function wishFor(bookable: Bookable, startMs: number): Wish {
  return { bookable, wall: wallOf(bookable.schedule.zone, startMs), startMs };
}
