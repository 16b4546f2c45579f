import { addDays, dayAt, type Interval } from "./calendar.ts";
import { gridOn, judgeOf, type Question } from "./rules.ts";

const minuteMs = 60_000;

/** What slots are asked for: days of the schedule's zone, both inclusive. */
export interface SlotQuery extends Question {
  readonly fromDay: string;
  readonly toDay: string;
}

/** Bookable times in order, without buffers. Lazy: take what is needed. */
export function* freeSlots(query: SlotQuery): Generator<Interval> {
  const judge = judgeOf(query);
  let day = dayAt(query.schedule.zone, query.nowMs);
  if (day < query.fromDay) day = query.fromDay;
  for (; day <= query.toDay && day <= judge.lastDay; day = addDays(day, 1)) {
    const hours = judge.hoursOn(day);
    for (const startMs of gridOn(query, hours)) {
      if (judge.allows(startMs, hours)) yield { startMs, endMs: startMs + query.reason.minutes * minuteMs };
    }
  }
}

/** Up to `count` free times nearest to the wanted start, in order of time. */
export function nearestFree(query: Question, wantedMs: number, count: number): Interval[] {
  const { schedule, reason } = query;
  const horizonDays = reason.horizonDays ?? schedule.horizonDays;
  const wantedDay = dayAt(schedule.zone, wantedMs);
  for (const reach of [7, 31, horizonDays]) {
    const found = [...freeSlots({ ...query, fromDay: addDays(wantedDay, -reach), toDay: addDays(wantedDay, reach) })];
    if (found.length >= count || reach === horizonDays) {
      return found
        .sort((a, b) => Math.abs(a.startMs - wantedMs) - Math.abs(b.startMs - wantedMs))
        .slice(0, count)
        .sort((a, b) => a.startMs - b.startMs);
    }
  }
  return [];
}
