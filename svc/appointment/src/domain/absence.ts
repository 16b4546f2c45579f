import type { Schedule } from "@episante/contracts/appointment";
import { addDays, closingOf, dayAt, daysBetween, type Interval, minuteAt, zoneDay } from "./calendar.ts";
import type { HoursFault } from "./hours.ts";

const dayMs = 86_400_000;
const longestDays = 400;

/** What is wrong with an absence somebody wants to declare; empty when nothing is. */
export function faultsOfAbsence(period: Interval, nowMs: number): HoursFault[] {
  if (period.endMs <= period.startMs) return [{ path: "end", message: "is not after `start`" }];
  if (period.endMs <= nowMs) return [{ path: "end", message: "has passed" }];
  if (period.endMs - period.startMs > longestDays * dayMs)
    return [{ path: "end", message: `more than ${longestDays} days after \`start\`` }];
  return [];
}

/**
 * The same time of day so many days later, on the doctor's wall clock; a time that the clock skips on that day becomes the first after it.
 * Milliseconds since the epoch.
 */
export function daysLater(zone: string, startMs: number, days: number): number {
  const day = dayAt(zone, startMs);
  return closingOf(zoneDay(zone, addDays(day, days)), minuteAt(zoneDay(zone, day), startMs));
}

/** How many days a block moves so that the first day of the period becomes another. */
export function shiftOf(zone: Schedule["zone"], periodStartMs: number, toDay: string): number {
  return daysBetween(dayAt(zone, periodStartMs), toDay);
}

/** The only one of a colleague's reasons that stands for a visit: of its length and mode. Undefined when there is none, or a choice to make. */
export function equalReason<R extends { readonly minutes: number; readonly mode: string }>(
  reasons: readonly R[],
  visit: { readonly minutes: number; readonly mode: string },
): R | undefined {
  const equal = reasons.filter(({ minutes, mode }) => minutes === visit.minutes && mode === visit.mode);
  return equal.length === 1 ? equal[0] : undefined;
}
