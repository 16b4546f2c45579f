import type { Blocker, Schedule } from "@episante/contracts/appointment";
import type { AppointmentId } from "@episante/contracts/ids";
import { toInstant } from "@episante/contracts/time";
import { addDays, dayAt, freeTest, type Interval, instantOf, minuteAt, overlaps } from "./calendar.ts";
import { type ClosedDay, contains, type DayHours, hoursOf, type OpenWindow } from "./hours.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Nothing is booked further ahead, whoever asks, days. */
export const furthestDays = 800;
const farMs = (furthestDays + 2) * dayMs;

/** A visit reason as far as it decides what is bookable. Absent numbers: no limit, or for notice and horizon the schedule's. */
export interface OfferedReason {
  readonly reasonId: string;
  readonly minutes: number;
  readonly isOnline: boolean;
  readonly bufferBeforeMinutes?: number;
  readonly bufferAfterMinutes?: number;
  readonly noticeMinutes?: number | undefined;
  readonly horizonDays?: number | undefined;
  readonly visitors?: "all" | "new" | "known";
  /** Completed years, inclusive. */
  readonly minAge?: number | undefined;
  readonly maxAge?: number | undefined;
  readonly dailyCap?: number | undefined;
  /** Kinds of room or device of which one each must be free. */
  readonly resourceTypes?: readonly string[];
}
/** A taken time of the doctor: the visit with its buffers, and where known the visit alone and who has it. */
export interface Taken extends Interval {
  readonly visit?: Interval;
  readonly isHold?: boolean;
  readonly appointmentId?: string;
}
/** Who wants the visit. What is not known is not judged: a list of times for everybody leaves it out. */
export interface Visitor {
  readonly birthDate?: string | undefined;
  readonly isKnown?: boolean | undefined;
}
/** All that decides whether a time is bookable. Nothing else is looked at: same question, same answer. */
export interface Question {
  readonly schedule: Schedule;
  readonly reason: OfferedReason;
  readonly nowMs: number;
  /** Taken times of the doctor, with buffers; may be unsorted. Leave out to ask for hours alone. */
  readonly taken?: readonly Taken[];
  readonly absences?: readonly Interval[];
  /** When calendars elsewhere say that the doctor is busy: patients do not book there, members of the clinic may mean to. */
  readonly external?: readonly Interval[];
  readonly closedDays?: readonly ClosedDay[];
  /** Starts of the booked visits of this reason, for the daily cap. */
  readonly sameReasonStarts?: readonly number[];
  /** Taken times of every room or device, by kind. Absent: not looked at. A kind that is not listed has none free. */
  readonly resources?: Readonly<Record<string, readonly (readonly Interval[])[]>> | undefined;
  readonly visitor?: Visitor | undefined;
  /** A member of the clinic books: only rules that bind everybody count. */
  readonly byMember?: boolean | undefined;
}

/** A time to judge. */
interface Moment {
  readonly visit: Interval;
  /** The visit with its buffers. */
  readonly around: Interval;
  readonly day: string;
  readonly hours: DayHours;
}
/** Nothing when it allows the moment, else what explains why not: lists of times do not ask. */
type Rule = (moment: Moment) => (() => Blocker) | false | undefined;

/** A visit's time, and the time it takes of the doctor: with its buffers. */
export function timesOf(reason: OfferedReason, startMs: number): { readonly visit: Interval; readonly around: Interval } {
  const endMs = startMs + reason.minutes * minuteMs;
  const { bufferBeforeMinutes = 0, bufferAfterMinutes = 0 } = reason;
  return {
    visit: { startMs, endMs },
    around: { startMs: startMs - bufferBeforeMinutes * minuteMs, endMs: endMs + bufferAfterMinutes * minuteMs },
  };
}

/** A question made ready for many times. */
export interface Judge {
  /** True when no rule forbids a visit from a start on the grid of a day's hours (`gridOn`). */
  allows(startMs: number, hours: DayHours): boolean;
  /** First rule that forbids a visit from this instant, or undefined. */
  first(startMs: number): Blocker | undefined;
  /** Every rule that forbids it. */
  all(startMs: number): Blocker[];
  /** Hours of a local day. */
  hoursOn(day: string): DayHours;
  /** Last local day somebody may book, by the horizon. */
  readonly lastDay: string;
}

/** True when a window may be used for the reason; members use every window. */
function isFor(window: OpenWindow, question: Question): boolean {
  return question.byMember === true || window.reasonIds === undefined || window.reasonIds.includes(question.reason.reasonId);
}

/**
 * Grid starts of a window: wall-clock times that step by the visit's length from its opening. A start that the clock skips is left out,
 * one that it shows twice is there once (the first).
 */
function gridOf(hours: DayHours, window: OpenWindow, minutes: number): number[] {
  const starts: number[] = [];
  for (let at = window.from; at < window.to; at += minutes) {
    const startMs = instantOf(hours.zoned, at);
    if (startMs !== undefined && startMs + minutes * minuteMs <= window.toMs) starts.push(startMs);
  }
  return starts;
}

/** Grid starts of a day in order, within the windows that the reason may use. Nothing else is looked at. */
export function gridOn(question: Question, hours: DayHours): number[] {
  return hours.windows.flatMap((window) => (isFor(window, question) ? gridOf(hours, window, question.reason.minutes) : []));
}

function isOnGrid({ zoned }: DayHours, window: OpenWindow, minutes: number, startMs: number): boolean {
  const minute = minuteAt(zoned, startMs);
  return (minute - window.from) % minutes === 0 && instantOf(zoned, minute) === startMs;
}

/** Completed years on a day. Somebody born on 29 February is a year older on 1 March of other years. */
export function ageOn(birthDate: string, day: string): number {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

const two = (value: number) => String(value).padStart(2, "0");
const wallOf = ({ from, to }: OpenWindow) => ({
  from: `${two(Math.floor(from / 60))}:${two(from % 60)}`,
  to: `${two(Math.floor(to / 60))}:${two(to % 60)}`,
});
const instants = ({ startMs, endMs }: Interval) => ({ start: toInstant(startMs), end: toInstant(endMs) });

/**
 * Makes a question ready. The rules below are the only place that knows what is bookable: lists of times, judgements and explanations
 * all come from them. Those under `patients` do not bind members of the clinic.
 */
export function judgeOf(question: Question): Judge {
  const { schedule, reason, nowMs, taken = [], absences = [], external = [], visitor = {}, byMember = false } = question;
  const { zone } = schedule;
  const noticeMinutes = reason.noticeMinutes ?? schedule.noticeMinutes;
  const horizonDays = byMember ? furthestDays : (reason.horizonDays ?? schedule.horizonDays);
  const lastDay = addDays(dayAt(zone, nowMs), horizonDays);
  const buffer = { beforeMinutes: reason.bufferBeforeMinutes ?? 0, afterMinutes: reason.bufferAfterMinutes ?? 0 };
  const isFree = freeTest(taken);
  const isPresent = freeTest(absences);
  const isAtHand = freeTest(external);
  const caps = new Map<string, number>();
  if (reason.dailyCap !== undefined) {
    for (const startMs of question.sameReasonStarts ?? []) caps.set(dayAt(zone, startMs), (caps.get(dayAt(zone, startMs)) ?? 0) + 1);
  }
  const needs = question.resources ? (reason.resourceTypes ?? []) : [];
  const resources = needs.map((type) => ({ type, tests: (question.resources?.[type] ?? []).map((busy) => freeTest(busy)) }));

  const hoursRule: Rule = ({ visit, hours }) => {
    const { closed, windows } = hours;
    if (closed) return () => ({ code: "closed", ...closed });
    if (windows.some((window) => contains(window, visit) && isFor(window, question))) return undefined;
    return () =>
      windows.some((window) => contains(window, visit))
        ? { code: "reason-not-in-window", windows: windows.filter((window) => isFor(window, question)).map(wallOf) }
        : { code: "outside-hours", windows: windows.map(wallOf) };
  };
  const absentRule: Rule = ({ visit }) => {
    const absence = isPresent(visit) ? undefined : absences.find((one) => overlaps(one, visit));
    return absence && (() => ({ code: "absent", ...instants(absence) }));
  };
  const gridRule: Rule = ({ visit: { startMs }, hours }) => {
    if (byMember) return startMs % minuteMs !== 0 && (() => ({ code: "off-grid" }));
    let isWithin = false;
    for (const window of hours.windows) {
      if (startMs < window.fromMs || startMs >= window.toMs || !isFor(window, question)) continue;
      if (isOnGrid(hours, window, reason.minutes, startMs)) return undefined;
      isWithin = true;
    }
    if (!isWithin) return undefined;
    return () => {
      const starts = gridOn(question, hours);
      const before = starts.findLast((start) => start < startMs);
      const after = starts.find((start) => start > startMs);
      return {
        code: "off-grid",
        ...(before === undefined ? {} : { before: toInstant(before) }),
        ...(after === undefined ? {} : { after: toInstant(after) }),
      };
    };
  };
  const takenBy = ({ visit, around }: Moment): Blocker => {
    const inTheWay = taken.filter((one) => overlaps(one, around));
    const hit = inTheWay.find((one) => overlaps(one.visit ?? one, visit));
    if (!hit) return { code: "buffer", ...instants(inTheWay[0] ?? around), ...buffer };
    if (hit.isHold) return { code: "held", ...instants(hit.visit ?? hit) };
    const { appointmentId } = hit;
    return {
      code: "taken",
      ...instants(hit.visit ?? hit),
      ...(appointmentId === undefined ? {} : { appointmentId: appointmentId as AppointmentId }),
    };
  };
  const takenRule: Rule = (moment) => !isFree(moment.around) && (() => takenBy(moment));
  const resourceRule: Rule = ({ around }) => {
    const types = resources.filter(({ tests }) => !tests.some((isIdle) => isIdle(around))).map(({ type }) => type);
    return types.length > 0 && (() => ({ code: "no-resource", types }));
  };
  const horizonRule: Rule = ({ day }) => day > lastDay && (() => ({ code: "horizon", days: horizonDays, lastDay }));
  const earliestMs = nowMs + noticeMinutes * minuteMs;

  const patients: Rule[] = [
    () => !reason.isOnline && (() => ({ code: "not-online" })),
    ({ visit }) => visit.startMs < earliestMs && (() => ({ code: "notice", minutes: noticeMinutes, earliest: toInstant(earliestMs) })),
    ({ visit }) => {
      const elsewhere = isAtHand(visit) ? undefined : external.find((one) => overlaps(one, visit));
      return elsewhere && (() => ({ code: "external", ...instants(elsewhere) }));
    },
    () => reason.visitors === "new" && visitor.isKnown === true && (() => ({ code: "new-patients-only" })),
    () => reason.visitors === "known" && visitor.isKnown === false && (() => ({ code: "known-patients-only" })),
    ({ day }) => {
      const { minAge: min, maxAge: max } = reason;
      if (visitor.birthDate === undefined || (min === undefined && max === undefined)) return undefined;
      const age = ageOn(visitor.birthDate, day);
      return (age < (min ?? 0) || age > (max ?? Number.POSITIVE_INFINITY)) && (() => ({ code: "age", min, max }));
    },
    ({ day }) => {
      const cap = reason.dailyCap;
      const booked = caps.get(day) ?? 0;
      return cap !== undefined && booked >= cap && (() => ({ code: "daily-cap", cap, booked }));
    },
  ];
  const rules: Rule[] = [
    ({ visit }) => visit.startMs <= nowMs && (() => ({ code: "in-past", now: toInstant(nowMs) })),
    hoursRule,
    absentRule,
    gridRule,
    horizonRule,
    ...(byMember ? [] : patients),
    takenRule,
    ...(resources.length > 0 ? [resourceRule] : []),
  ];

  // What lies on the grid lies within hours: nobody needs to look again.
  const rulesOnGrid = rules.filter((rule) => rule !== hoursRule && rule !== gridRule);

  const hoursOn = (day: string) => hoursOf(schedule, question.closedDays ?? [], day);
  const momentOf = (startMs: number, hours: DayHours): Moment => {
    const { visit, around } = timesOf(reason, startMs);
    return { day: hours.day, hours, visit, around };
  };
  // Nothing else is asked of years that nobody books in: calendars end somewhere.
  const farOff = (startMs: number): Blocker | undefined => {
    if (startMs < nowMs - farMs) return { code: "in-past", now: toInstant(nowMs) };
    return startMs > nowMs + farMs ? { code: "horizon", days: horizonDays, lastDay } : undefined;
  };
  const explain = (startMs: number): Iterable<Blocker> => {
    const far = farOff(startMs);
    if (far) return [far];
    const moment = momentOf(startMs, hoursOn(dayAt(zone, startMs)));
    return rules.values().flatMap((rule) => {
      const why = rule(moment);
      return why ? [why()] : [];
    });
  };
  return {
    hoursOn,
    lastDay,
    allows(startMs, hours) {
      if (farOff(startMs)) return false;
      const moment = momentOf(startMs, hours);
      for (const rule of rulesOnGrid) if (rule(moment)) return false;
      return true;
    },
    first(startMs) {
      for (const blocker of explain(startMs)) return blocker;
      return undefined;
    },
    all: (startMs) => [...explain(startMs)],
  };
}

/** Every rule that forbids a visit at a wall-clock time, also one that the clock skips. @param minutes past midnight of the day */
export function whyNotAt(question: Question, day: string, minutes: number): Blocker[] {
  const judge = judgeOf(question);
  const { zoned } = judge.hoursOn(day);
  const startMs = instantOf(zoned, minutes);
  if (startMs !== undefined) return judge.all(startMs);
  for (let later = minutes + 1; later < minutes + dayMs / minuteMs; later++) {
    const resumes = instantOf(zoned, later);
    if (resumes !== undefined) return [{ code: "clock-change-gap", resumesAt: toInstant(resumes) }];
  }
  // A year that zone data does not reach.
  return judge.all(zoned.midnightWallMs + minutes * minuteMs);
}
