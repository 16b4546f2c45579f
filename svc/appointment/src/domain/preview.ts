import type { Schedule } from "@episante/contracts/appointment";
import { addDays, dayAt, freeTest, type Interval, weekdayOf } from "./calendar.ts";
import { type ClosedDay, contains, type DayHours, hoursOf } from "./hours.ts";
import { gridOn, type OfferedReason, timesOf } from "./rules.ts";

/** One day of a preview: its start times for a reason, taken ones too, whatever notice and horizon say. */
export interface PreviewDay {
  readonly day: string;
  readonly closed?: DayHours["closed"];
  readonly slots: readonly (Interval & { readonly taken: boolean })[];
}

/** What hours give for a reason in the week, Monday to Sunday, of a day. @param taken times of the doctor, with buffers */
export function previewWeek(input: {
  schedule: Schedule;
  reason: OfferedReason;
  closedDays: readonly ClosedDay[];
  taken: readonly Interval[];
  week: string;
}): PreviewDay[] {
  const { schedule, reason, closedDays, week } = input;
  const monday = addDays(week, 1 - weekdayOf(week));
  const isFree = freeTest(input.taken);
  return [0, 1, 2, 3, 4, 5, 6].map((count) => {
    const day = addDays(monday, count);
    const hours = hoursOf(schedule, closedDays, day);
    const slots = gridOn({ schedule, reason, nowMs: 0 }, hours).map((startMs) => {
      const { visit, around } = timesOf(reason, startMs);
      return { ...visit, taken: !isFree(around) };
    });
    return { day, ...(hours.closed ? { closed: hours.closed } : {}), slots };
  });
}

/** Visits that do not lie within the hours. */
export function outsideOf<V extends Interval>(schedule: Schedule, closedDays: readonly ClosedDay[], visits: readonly V[]): V[] {
  return visits.filter((visit) => {
    const { windows } = hoursOf(schedule, closedDays, dayAt(schedule.zone, visit.startMs));
    return !windows.some((window) => contains(window, visit));
  });
}
