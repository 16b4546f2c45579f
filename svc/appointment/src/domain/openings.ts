import type { ReasonId } from "@episante/contracts/ids";
import { toInstant } from "@episante/contracts/time";
import { addDays, dayAt, type Interval, startOfDay } from "./calendar.ts";
import type { OfferedReason, Question } from "./rules.ts";
import { freeSlots } from "./slots.ts";

const minuteMs = 60_000;
/** Starts published per reason. */
const maxStarts = 20;
/** Longest buffer a visit may have before it (contract of reasons). */
const longestBufferMs = 120 * minuteMs;

type Published = readonly { readonly reasonId: string; readonly starts: readonly string[] }[];

/**
 * First instant behind everything published (ms): whether a time from there on, buffers included, is taken or free, each reason has its full
 * number of starts before it. Null when a reason has fewer. @param openings as published for the present reasons
 */
export function behindOf(openings: Published, reasons: readonly OfferedReason[], zone: string): number | null {
  if (openings.length !== reasons.length) return null;
  let behindMs = 0;
  for (const { reasonId, minutes, bufferAfterMinutes = 0, dailyCap } of reasons) {
    const starts = openings.find((one) => one.reasonId === reasonId)?.starts ?? [];
    if (starts.length !== maxStarts) return null;
    const lastMs = Date.parse(starts.at(-1) ?? "");
    behindMs = Math.max(behindMs, lastMs + (minutes + bufferAfterMinutes) * minuteMs);
    // A later visit of the same day may use the last place under the cap.
    if (dailyCap !== undefined) behindMs = Math.max(behindMs, startOfDay(zone, addDays(dayAt(zone, lastMs), 1)));
  }
  return behindMs;
}

/** True when a visit lies behind everything published. @param time without its buffers */
export function liesBehind(openings: Published, reasons: readonly OfferedReason[], zone: string, time: Interval): boolean {
  const behindMs = behindOf(openings, reasons, zone);
  return behindMs !== null && behindMs <= time.startMs - longestBufferMs;
}

/** Days ahead in which something may be bookable, by the widest horizon. */
export function widestHorizon(schedule: Question["schedule"], reasons: readonly OfferedReason[]): number {
  return Math.max(...reasons.map((reason) => reason.horizonDays ?? schedule.horizonDays), 1);
}

/** Next bookable starts per reason, and when time alone will change them (ms). Holds are left out: they last minutes. */
export function nextOpenings(
  input: Pick<Question, "schedule" | "closedDays" | "absences" | "external" | "taken" | "resources" | "nowMs"> & {
    readonly reasons: readonly OfferedReason[];
    /** Starts that count towards the daily cap of reasons that have one. */
    readonly capped?: ReadonlyMap<string, readonly number[]>;
    /** Looks at so many days only; `isFull` tells whether that was enough. Without: up to the horizon. */
    readonly days?: number;
  },
): { openings: { reasonId: ReasonId; starts: string[] }[]; dueMs: number; isFull: boolean } {
  const { schedule, nowMs, reasons, capped, days = widestHorizon(schedule, reasons), ...facts } = input;
  const today = dayAt(schedule.zone, nowMs);
  const toDay = addDays(today, days);
  // A new day moves the horizon; it matters only where fewer starts than wanted were found, but costs little.
  let dueMs = startOfDay(schedule.zone, addDays(today, 1));
  const openings = reasons.map((reason) => {
    const starts: number[] = [];
    const sameReasonStarts = capped?.get(reason.reasonId) ?? [];
    for (const slot of freeSlots({ ...facts, schedule, reason, sameReasonStarts, nowMs, fromDay: today, toDay })) {
      starts.push(slot.startMs);
      if (starts.length === maxStarts) break;
    }
    const [first] = starts;
    if (first !== undefined) dueMs = Math.min(dueMs, first - (reason.noticeMinutes ?? schedule.noticeMinutes) * minuteMs + 1);
    return { reasonId: reason.reasonId as ReasonId, starts: starts.map(toInstant) };
  });
  return { openings, dueMs, isFull: openings.every(({ starts }) => starts.length === maxStarts) };
}
