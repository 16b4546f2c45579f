import type { Schedule } from "@episante/contracts/appointment";

/** Half-open stretch of time `[startMs, endMs)`, milliseconds since the epoch. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formatters.set(zone, formatter);
  }
  return formatter;
}

/** Wall-clock reading of an instant, written as milliseconds as if the wall clock showed UTC. Zone data: the runtime's IANA tables. */
export function wallAt(zone: string, instantMs: number): number {
  return Math.floor(instantMs / 1000) * 1000 + offsetAt(zone, instantMs);
}

const quarterMs = 15 * minuteMs;
const mostOffsets = 20_000;
const offsets = new Map<string, number>();

/** Milliseconds a zone is ahead of UTC. Remembered by quarter of an hour: since 1972 no zone changes in between, and asking costs 5 µs. */
function offsetAt(zone: string, instantMs: number): number {
  const quarter = Math.floor(instantMs / quarterMs);
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= mostOffsets) offsets.clear();
  const offset = readClock(zone, quarter * quarterMs) - quarter * quarterMs;
  offsets.set(key, offset);
  return offset;
}

function readClock(zone: string, instantMs: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(instantMs)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Calendar day (`YYYY-MM-DD`) an instant falls on in a zone. */
export function dayAt(zone: string, instantMs: number): string {
  return new Date(wallAt(zone, instantMs)).toISOString().slice(0, 10);
}

/** The day `count` days after `day` (before, when negative). */
export function addDays(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * dayMs).toISOString().slice(0, 10);
}

/** Whole days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}

/** A wall-clock day of one zone: its UTC offsets before and after, found once and used for all its slots. */
export interface ZoneDay {
  readonly zone: string;
  readonly midnightWallMs: number;
  /** One offset on ordinary days, two around a clock change. */
  readonly offsets: readonly number[];
}

/** The wall clock of one day in one zone. */
export function zoneDay(zone: string, day: string): ZoneDay {
  const midnightWallMs = Date.parse(`${day}T00:00:00Z`);
  // Offsets lie within ±14 h: a day and a half either side brackets every instant of the local day.
  const before = offsetAt(zone, midnightWallMs - 1.5 * dayMs);
  const after = offsetAt(zone, midnightWallMs + 2.5 * dayMs);
  return { zone, midnightWallMs, offsets: before === after ? [before] : [before, after] };
}

/** First instant at which the wall clock shows `minutes` past midnight of the day; undefined in a gap of spring. */
export function instantOf(day: ZoneDay, minutes: number): number | undefined {
  const wall = day.midnightWallMs + minutes * minuteMs;
  const [only] = day.offsets;
  if (day.offsets.length === 1 && only !== undefined) return wall - only;
  const possible = day.offsets.map((offset) => wall - offset).filter((instant) => wallAt(day.zone, instant) === wall);
  return possible.length > 0 ? Math.min(...possible) : undefined;
}

/** Instant at which a window closes: the wall-clock time itself, or the clock change that skips it. */
export function closingOf(day: ZoneDay, minutes: number): number {
  for (let skipped = minutes; skipped < minutes + 24 * 60; skipped++) {
    const instant = instantOf(day, skipped);
    if (instant !== undefined) return instant;
  }
  return day.midnightWallMs;
}

/** Minutes past midnight of `HH:MM`. */
export function minutesOf(timeOfDay: string): number {
  return Number(timeOfDay.slice(0, 2)) * 60 + Number(timeOfDay.slice(3, 5));
}

/** ISO weekday of a day: 1 Monday to 7 Sunday. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

interface DayWindow {
  readonly from: number;
  readonly to: number;
}

function windowsOn(schedule: Schedule, day: string): DayWindow[] {
  if (schedule.closures.includes(day)) return [];
  const weekday = weekdayOf(day);
  return schedule.windows
    .filter((window) => window.day === weekday)
    .map((window) => ({ from: minutesOf(window.from), to: minutesOf(window.to) }))
    .sort((a, b) => a.from - b.from);
}

/**
 * Times the weekly hours give on one day for a visit of `minutes`, bookings not yet looked at.
 * Starts keep their wall-clock time and step by the visit's length from the window's opening. A start that the clock skips is
 * not offered, one that the clock shows twice is offered once (the first); the visit must end before the window really closes.
 */
export function slotsOfDay(schedule: Schedule, minutes: number, day: string): Interval[] {
  const windows = windowsOn(schedule, day);
  if (windows.length === 0) return [];
  const zoned = zoneDay(schedule.zone, day);
  return windows.flatMap((window) => {
    const closesMs = closingOf(zoned, window.to);
    const slots: Interval[] = [];
    for (let at = window.from; at < window.to; at += minutes) {
      const startMs = instantOf(zoned, at);
      if (startMs === undefined) continue;
      const endMs = startMs + minutes * minuteMs;
      if (endMs <= closesMs) slots.push({ startMs, endMs });
    }
    return slots;
  });
}

/** True when two half-open intervals share time; touching ends do not. */
export function overlaps(a: Interval, b: Interval): boolean {
  return a.startMs < b.endMs && b.startMs < a.endMs;
}

/** What slots are asked for. `busy` may be unsorted. Days are those of the schedule's zone. */
export interface SlotQuery {
  readonly schedule: Schedule;
  readonly minutes: number;
  readonly fromDay: string;
  readonly toDay: string;
  readonly nowMs: number;
  readonly busy: readonly Interval[];
}

/** Bookable times in order: within hours, notice and horizon, and not overlapping anything busy. Lazy: take what is needed. */
export function* freeSlots({ schedule, minutes, fromDay, toDay, nowMs, busy }: SlotQuery): Generator<Interval> {
  const today = dayAt(schedule.zone, nowMs);
  const lastDay = addDays(today, schedule.horizonDays);
  const earliestMs = earliestStart(schedule, nowMs);
  const isFree = freeTest(busy);
  for (let day = fromDay < today ? today : fromDay; day <= toDay && day <= lastDay; day = addDays(day, 1)) {
    for (const slot of slotsOfDay(schedule, minutes, day)) {
      if (slot.startMs >= earliestMs && isFree(slot)) yield slot;
    }
  }
}

/** Tells whether a time overlaps nothing of `busy`, by halving: starts in order, and beside each the latest end up to it. */
export function freeTest(busy: readonly Interval[]): (slot: Interval) => boolean {
  const sorted = [...busy].sort((a, b) => a.startMs - b.startMs);
  let latest = Number.NEGATIVE_INFINITY;
  const ends = sorted.map(({ endMs }) => {
    latest = Math.max(latest, endMs);
    return latest;
  });
  return (slot) => {
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle]?.startMs ?? 0) < slot.endMs) low = middle + 1;
      else high = middle;
    }
    return low === 0 || (ends[low - 1] ?? 0) <= slot.startMs;
  };
}

/** Earliest start somebody may book now: after the notice, and never in the past. */
export function earliestStart(schedule: Schedule, nowMs: number): number {
  return Math.max(nowMs + 1, nowMs + schedule.noticeMinutes * minuteMs);
}

/** True when a visit from `startMs` is one of the times offered to patients (bookings not looked at). */
export function isOffered(schedule: Schedule, minutes: number, startMs: number, nowMs: number): boolean {
  const day = dayAt(schedule.zone, startMs);
  if (startMs < earliestStart(schedule, nowMs) || day > addDays(dayAt(schedule.zone, nowMs), schedule.horizonDays)) return false;
  return slotsOfDay(schedule, minutes, day).some((slot) => slot.startMs === startMs);
}

/** True when a visit from `startMs`, on a whole minute, lies inside the hours: what members of the clinic may book. */
export function isWithinHours(schedule: Schedule, minutes: number, startMs: number): boolean {
  if (startMs % minuteMs !== 0) return false;
  const day = dayAt(schedule.zone, startMs);
  const zoned = zoneDay(schedule.zone, day);
  return windowsOn(schedule, day).some(
    (window) => startMs >= closingOf(zoned, window.from) && startMs + minutes * minuteMs <= closingOf(zoned, window.to),
  );
}

/** Up to `count` free times nearest to the wanted start, in order of time. */
export function nearestFree(query: Omit<SlotQuery, "fromDay" | "toDay">, wantedMs: number, count: number): Interval[] {
  const { schedule } = query;
  const wantedDay = dayAt(schedule.zone, wantedMs);
  for (const reach of [7, 31, schedule.horizonDays]) {
    const found = [...freeSlots({ ...query, fromDay: addDays(wantedDay, -reach), toDay: addDays(wantedDay, reach) })];
    if (found.length >= count || reach === schedule.horizonDays) {
      return found
        .sort((a, b) => Math.abs(a.startMs - wantedMs) - Math.abs(b.startMs - wantedMs))
        .slice(0, count)
        .sort((a, b) => a.startMs - b.startMs);
    }
  }
  return [];
}

/** Windows of one weekday that overlap or are empty or reversed, as indexes into `windows`. */
export function faultyWindows(windows: Schedule["windows"]): number[] {
  const faulty = new Set<number>();
  windows.forEach((window, index) => {
    if (window.from >= window.to) faulty.add(index);
    windows.forEach((other, otherIndex) => {
      if (otherIndex < index && other.day === window.day && window.from < other.to && other.from < window.to) faulty.add(index);
    });
  });
  return [...faulty];
}

/** First instant of a local day. */
export function startOfDay(zone: string, day: string): number {
  return closingOf(zoneDay(zone, day), 0);
}
