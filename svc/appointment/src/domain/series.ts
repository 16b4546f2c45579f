import { mostOccurrences, type Rhythm, type SeriesEnd, type SeriesFate } from "@episante/contracts/series";
import { addDays, dayAt, daysBetween, instantOf, minuteAt, minutesOf, weekdayOf, zoneDay } from "./calendar.ts";
import { isOpen } from "./visit.ts";

/** A time of the wall clock: a day and minutes past its midnight. */
export interface WallTime {
  readonly day: string;
  readonly minutes: number;
}

/** Parts of `2026-03-29T02:30`. */
export function wallTimeOf(text: string): WallTime {
  return { day: text.slice(0, 10), minutes: minutesOf(text.slice(11)) };
}

/** The instant of a wall-clock time: the first of two that the clock shows twice, undefined for one that it skips. */
export function instantOfWall(zone: string, { day, minutes }: WallTime): number | undefined {
  return instantOf(zoneDay(zone, day), minutes);
}

/** What the wall clock shows at an instant. */
export function wallOf(zone: string, instantMs: number): WallTime {
  const day = dayAt(zone, instantMs);
  return { day, minutes: minuteAt(zoneDay(zone, day), instantMs) };
}

/** Days of a series from its first one on. Null when there are more than a series may have. */
export function daysOf(first: string, rhythm: Rhythm, end: SeriesEnd): string[] | null {
  const days: string[] = [];
  for (let index = 0; "until" in end || index < end.count; index++) {
    const day = dayOf(first, rhythm, index);
    if ("until" in end && day > end.until) break;
    if (index === mostOccurrences) return null;
    days.push(day);
  }
  return days;
}

/** Day of one visit. Months count from the first day, so that a short one does not shift those after it. */
function dayOf(first: string, rhythm: Rhythm, index: number): string {
  const steps = index * rhythm.every;
  if (rhythm.unit === "day") return addDays(first, steps);
  if (rhythm.unit === "week") return addDays(first, 7 * steps);
  const monthStart = monthAfter(first, steps);
  const days = daysBetween(monthStart, monthAfter(monthStart, 1));
  const date = Number(first.slice(8));
  if (rhythm.by === "date") return addDays(monthStart, Math.min(date, days) - 1);
  const firstSuch = (weekdayOf(first) - weekdayOf(monthStart) + 7) % 7;
  const which = Math.floor((date - 1) / 7);
  // A fifth weekday is the last of its month: months with four have it a week earlier.
  const offset = firstSuch + 7 * which;
  return addDays(monthStart, offset < days ? offset : offset - 7);
}

/** First day of the month so many months later. */
function monthAfter(day: string, months: number): string {
  return new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 + months, 1)).toISOString().slice(0, 10);
}

/** Where a visit goes when another one of its series goes from an instant to a wall-clock time: as many days further, to that time of day. */
export function shiftedWith(zone: string, visitMs: number, from: { readonly startMs: number; readonly to: WallTime }): WallTime {
  const days = daysBetween(dayAt(zone, from.startMs), from.to.day);
  return { day: addDays(dayAt(zone, visitMs), days), minutes: from.to.minutes };
}

/** What a change of a series does to one of its visits. */
export function fateOf(
  visit: { readonly status: string; readonly startMs: number; readonly isMovedAlone: boolean },
  {
    nowMs,
    isNamed,
  }: { readonly nowMs: number /** The visit the change begins with: it is meant in any case. */; readonly isNamed: boolean },
): SeriesFate {
  if (visit.status === "cancelled") return "cancelled";
  if (!isOpen(visit)) return "begun";
  if (visit.startMs <= nowMs) return "past";
  return visit.isMovedAlone && !isNamed ? "moved-alone" : "change";
}
