import type { Schedule } from "@episante/contracts/appointment";
import type { ReasonId } from "@episante/contracts/ids";
import { toInstant } from "@episante/contracts/time";
import { addDays, dayAt, freeSlots, type Interval, startOfDay } from "./calendar.ts";

/** Starts published per reason. */
const maxStarts = 20;

/** Next bookable starts per reason, and when time alone will change them (ms). Holds are left out: they last minutes. */
export function nextOpenings(input: {
  schedule: Schedule;
  reasons: readonly { reasonId: string; minutes: number }[];
  busy: readonly Interval[];
  nowMs: number;
}): { openings: { reasonId: ReasonId; starts: string[] }[]; dueMs: number } {
  const { schedule, busy, nowMs } = input;
  const today = dayAt(schedule.zone, nowMs);
  // A new day moves the horizon; it matters only where fewer starts than wanted were found, but costs little.
  let dueMs = startOfDay(schedule.zone, addDays(today, 1));
  const openings = input.reasons.map(({ reasonId, minutes }) => {
    const starts: number[] = [];
    for (const slot of freeSlots({ schedule, minutes, nowMs, busy, fromDay: today, toDay: addDays(today, schedule.horizonDays) })) {
      starts.push(slot.startMs);
      if (starts.length === maxStarts) break;
    }
    const [first] = starts;
    if (first !== undefined) dueMs = Math.min(dueMs, first - schedule.noticeMinutes * 60_000 + 1);
    return { reasonId: reasonId as ReasonId, starts: starts.map(toInstant) };
  });
  return { openings, dueMs };
}
