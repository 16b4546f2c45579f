import type { Schedule } from "@episante/contracts/appointment";
import type { ReasonId } from "@episante/contracts/ids";
import { toInstant } from "@episante/contracts/time";
import { addDays, dayAt, freeSlots, type Interval, startOfDay } from "./calendar.ts";

/** Starts published per reason. */
const maxStarts = 20;

type Published = readonly { readonly reasonId: string; readonly starts: readonly string[] }[];

/**
 * First instant behind everything published (ms): whether a time from there on is taken or free, each reason has its full number of
 * starts before it. Null when a reason has fewer. @param openings as published for the present reasons
 */
export function behindOf(openings: Published, reasons: readonly { reasonId: string; minutes: number }[]): number | null {
  if (openings.length !== reasons.length) return null;
  let behindMs = 0;
  for (const { reasonId, minutes } of reasons) {
    const starts = openings.find((one) => one.reasonId === reasonId)?.starts ?? [];
    if (starts.length !== maxStarts) return null;
    behindMs = Math.max(behindMs, Date.parse(starts.at(-1) ?? "") + minutes * 60_000);
  }
  return behindMs;
}

/** True when a time lies behind everything published. */
export function liesBehind(openings: Published, reasons: readonly { reasonId: string; minutes: number }[], time: Interval): boolean {
  const behindMs = behindOf(openings, reasons);
  return behindMs !== null && behindMs <= time.startMs;
}

/** Next bookable starts per reason, and when time alone will change them (ms). Holds are left out: they last minutes. */
export function nextOpenings(input: {
  schedule: Schedule;
  reasons: readonly { reasonId: string; minutes: number }[];
  busy: readonly Interval[];
  nowMs: number;
  /** Looks at so many days only; `isFull` tells whether that was enough. Without: up to the horizon. */
  days?: number;
}): { openings: { reasonId: ReasonId; starts: string[] }[]; dueMs: number; isFull: boolean } {
  const { schedule, busy, nowMs } = input;
  const today = dayAt(schedule.zone, nowMs);
  const toDay = addDays(today, Math.min(input.days ?? schedule.horizonDays, schedule.horizonDays));
  // A new day moves the horizon; it matters only where fewer starts than wanted were found, but costs little.
  let dueMs = startOfDay(schedule.zone, addDays(today, 1));
  const openings = input.reasons.map(({ reasonId, minutes }) => {
    const starts: number[] = [];
    for (const slot of freeSlots({ schedule, minutes, nowMs, busy, fromDay: today, toDay })) {
      starts.push(slot.startMs);
      if (starts.length === maxStarts) break;
    }
    const [first] = starts;
    if (first !== undefined) dueMs = Math.min(dueMs, first - schedule.noticeMinutes * 60_000 + 1);
    return { reasonId: reasonId as ReasonId, starts: starts.map(toInstant) };
  });
  return { openings, dueMs, isFull: openings.every(({ starts }) => starts.length === maxStarts) };
}
