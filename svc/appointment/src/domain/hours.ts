import type { Schedule } from "@episante/contracts/appointment";
import { addDays, closingOf, daysBetween, type Interval, minutesOf, weekdayOf, type ZoneDay, zoneDay } from "./calendar.ts";

type Window = Schedule["windows"][number];

/** A day on which the whole clinic is closed, and what for. */
export interface ClosedDay {
  readonly day: string;
  readonly name: string;
}
/** Hours of one date: wall-clock minutes past midnight, and the instants at which they really begin and end. */
export interface OpenWindow {
  readonly from: number;
  readonly to: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Only these reasons; absent: every reason. */
  readonly reasonIds?: readonly string[] | undefined;
}
/** What counts on one date. `closed` tells who closed it, and then there are no windows. */
export interface DayHours {
  readonly day: string;
  readonly zoned: ZoneDay;
  readonly windows: readonly OpenWindow[];
  readonly closed?: { readonly by: "doctor" | "clinic"; readonly name?: string };
}

/** Weeks from Monday to Sunday, counted from the one of 29 December 1969. */
function weekOf(day: string): number {
  return Math.floor((daysBetween("1970-01-01", day) + 3) / 7);
}

/** True on the dates a weekly window is for: its weekday, within its validity, and in one of its weeks. */
export function isOn(window: Window, day: string, weekday: number = weekdayOf(day)): boolean {
  if (window.day !== weekday) return false;
  if (window.validFrom !== undefined && day < window.validFrom) return false;
  if (window.validTo !== undefined && day > window.validTo) return false;
  const { everyWeeks = 1, anchor } = window;
  return everyWeeks === 1 || anchor === undefined || (weekOf(day) - weekOf(anchor)) % everyWeeks === 0;
}

/**
 * Hours of a date, in order. A closure of the doctor comes first, then the doctor's override of the date, then a closure of the clinic
 * (so an override opens a day on which the clinic is closed), then the weekly windows.
 */
export function hoursOf(schedule: Schedule, closedDays: readonly ClosedDay[], day: string): DayHours {
  const zoned = zoneDay(schedule.zone, day);
  if (schedule.closures.includes(day)) return { day, zoned, windows: [], closed: { by: "doctor" } };
  const override = schedule.overrides?.find((one) => one.day === day);
  if (override && override.windows.length === 0) return { day, zoned, windows: [], closed: { by: "doctor" } };
  if (override) return { day, zoned, windows: openOn(zoned, override.windows) };
  const closure = closedDays.find((one) => one.day === day);
  if (closure) return { day, zoned, windows: [], closed: { by: "clinic", name: closure.name } };
  const weekday = weekdayOf(day);
  const windows = schedule.windows.filter((window) => isOn(window, day, weekday));
  return { day, zoned, windows: openOn(zoned, windows) };
}

function openOn(zoned: ZoneDay, windows: readonly Pick<Window, "from" | "to" | "reasonIds">[]): OpenWindow[] {
  return windows
    .map(({ reasonIds, ...wall }) => {
      const [from, to] = [minutesOf(wall.from), minutesOf(wall.to)];
      return { from, to, fromMs: closingOf(zoned, from), toMs: closingOf(zoned, to), reasonIds };
    })
    .sort((a, b) => a.from - b.from);
}

/** True when a visit lies within a window. It may begin and end with it. */
export function contains(window: OpenWindow, visit: Interval): boolean {
  return visit.startMs >= window.fromMs && visit.endMs <= window.toMs;
}

/** A wrong part of a schedule: its path and what is wrong with it. */
export interface HoursFault {
  readonly path: string;
  readonly message: string;
}

/** What is wrong with hours somebody wants to keep; empty when nothing is. */
export function faultsOf(schedule: Schedule): HoursFault[] {
  const faults: HoursFault[] = [];
  schedule.windows.forEach((window, index) => {
    const fault = (message: string, part = "") => faults.push({ path: `windows.${index}${part}`, message });
    if (window.from >= window.to) fault("ends before it begins");
    if ((window.everyWeeks ?? 1) > 1 && window.anchor === undefined) fault("is needed with `everyWeeks`", ".anchor");
    if (window.validFrom !== undefined && window.validTo !== undefined && window.validTo < window.validFrom) {
      fault("lies before `validFrom`", ".validTo");
    }
    if (schedule.windows.some((other, before) => before < index && doMeet(window, other))) fault("overlaps another window of the day");
  });
  const days = new Set<string>();
  (schedule.overrides ?? []).forEach(({ day, windows }, index) => {
    const path = `overrides.${index}`;
    if (days.has(day)) faults.push({ path: `${path}.day`, message: "stands twice" });
    days.add(day);
    if (schedule.closures.includes(day)) faults.push({ path: `${path}.day`, message: "is also closed" });
    windows.forEach((window, at) => {
      if (window.from >= window.to) faults.push({ path: `${path}.windows.${at}`, message: "ends before it begins" });
      if (windows.some((other, before) => before < at && areCrossing(window, other))) {
        faults.push({ path: `${path}.windows.${at}`, message: "overlaps another window of the day" });
      }
    });
  });
  return faults;
}

function areCrossing(a: Pick<Window, "from" | "to">, b: Pick<Window, "from" | "to">): boolean {
  return a.from < b.to && b.from < a.to;
}

/** Every pair of rhythms of up to 8 weeks repeats within 56 weeks. */
const everyRhythmWeeks = 56;

/** True when two windows share time on some date. */
function doMeet(a: Window, b: Window): boolean {
  if (a.day !== b.day || !areCrossing(a, b)) return false;
  if ((a.everyWeeks ?? 1) === 1 && (b.everyWeeks ?? 1) === 1 && !a.validFrom && !b.validFrom && !a.validTo && !b.validTo) return true;
  const starts = [a.validFrom, b.validFrom].flatMap((day) => day ?? []).sort();
  let day = starts.at(-1) ?? "1970-01-01";
  while (weekdayOf(day) !== a.day) day = addDays(day, 1);
  for (let week = 0; week < everyRhythmWeeks; week++, day = addDays(day, 7)) if (isOn(a, day) && isOn(b, day)) return true;
  return false;
}
