import { addDays, closingOf, dayAt, type Interval, minuteAt, minutesOf, overlaps, weekdayOf, zoneDay } from "./calendar.ts";
import { hoursOf } from "./hours.ts";
import type { OfferedReason, Question } from "./rules.ts";

const minuteMs = 60_000;
/** An offer that would last less is not made: nobody reads it in time. */
const shortestOfferMs = 5 * minuteMs;

/** What a time must be like, in wall-clock time of the doctor's zone. Absent: not asked for. */
export interface Criteria {
  /** ISO weekdays. */
  readonly days?: readonly number[] | undefined;
  readonly hours?: { readonly from: string; readonly to: string } | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** True when a visit that starts at the instant is what somebody waits for. @param visit the one it would be instead of */
export function isWanted(criteria: Criteria, zone: string, startMs: number, visit?: Pick<Interval, "startMs">): boolean {
  const { days, hours, from, until } = criteria;
  const day = dayAt(zone, startMs);
  if (days && !days.includes(weekdayOf(day))) return false;
  if ((from && day < from) || (until && day > until)) return false;
  // Instead of a visit and without a last day: only what is earlier helps.
  if (visit && until === undefined && startMs >= visit.startMs) return false;
  if (visit && startMs === visit.startMs) return false;
  if (!hours) return true;
  const minute = minuteAt(zoneDay(zone, day), startMs);
  return minute >= minutesOf(hours.from) && minute < minutesOf(hours.to);
}

/** Nobody has to answer at night: an offer that would end between these hours ends with the second, minutes past midnight. */
const night = { from: 21 * 60, to: 9 * 60 };

/**
 * Until when an offered time is kept, ms since the epoch, or null when too little time is left. A visit that is offered can still be booked
 * by the rules at that instant: its notice is kept, even at night.
 */
export function offeredUntil(
  nowMs: number,
  startMs: number,
  { noticeMinutes, offerMinutes, zone }: { noticeMinutes: number; offerMinutes: number; zone: string },
): number | null {
  const latestMs = startMs - noticeMinutes * minuteMs;
  const untilMs = Math.min(afterNight(nowMs + offerMinutes * minuteMs, zone), latestMs);
  return untilMs - nowMs < shortestOfferMs ? null : untilMs;
}

function afterNight(instantMs: number, zone: string): number {
  if (!Number.isFinite(instantMs)) return instantMs;
  const day = dayAt(zone, instantMs);
  const minute = minuteAt(zoneDay(zone, day), instantMs);
  if (minute >= night.to && minute < night.from) return instantMs;
  return closingOf(zoneDay(zone, minute < night.to ? day : addDays(day, 1)), night.to);
}

/** When a doctor works, for these reasons: stretches in order. Who has the time is not looked at. */
export interface OpenHours {
  readonly reasonIds: readonly string[];
  readonly open: readonly Interval[];
}

/** When a doctor works, and nothing elsewhere, in the days from today on, once for all reasons that have the same hours. */
export function openHours(
  {
    schedule,
    closedDays = [],
    absences = [],
    external = [],
    nowMs,
  }: Pick<Question, "schedule" | "closedDays" | "absences" | "external" | "nowMs">,
  reasons: readonly OfferedReason[],
  days: number,
): OpenHours[] {
  const today = dayAt(schedule.zone, nowMs);
  const windows = Array.from({ length: days + 1 }, (_, index) => hoursOf(schedule, closedDays, addDays(today, index)).windows).flat();
  const groups = new Map<string, { reasonIds: string[]; open: readonly Interval[] }>();
  for (const { reasonId } of reasons) {
    const own = windows.filter(({ reasonIds }) => reasonIds === undefined || reasonIds.includes(reasonId));
    const open = without(
      own.map(({ fromMs, toMs }) => ({ startMs: fromMs, endMs: toMs })),
      [...absences, ...external],
    );
    const key = open.map(({ startMs }) => startMs).join() + open.map(({ endMs }) => endMs).join();
    const group = groups.get(key);
    if (group) group.reasonIds.push(reasonId);
    else groups.set(key, { reasonIds: [reasonId], open });
  }
  return [...groups.values()];
}

/** What is open now and was not before. */
export function newlyOpen(before: readonly OpenHours[], now: readonly OpenHours[]): OpenHours[] {
  const found: OpenHours[] = [];
  for (const { reasonIds, open } of now) {
    for (const was of before) {
      const both = reasonIds.filter((id) => was.reasonIds.includes(id));
      if (both.length > 0) found.push({ reasonIds: both, open: without(open, was.open) });
    }
    const added = reasonIds.filter((id) => !before.some((was) => was.reasonIds.includes(id)));
    if (added.length > 0) found.push({ reasonIds: added, open });
  }
  return found.filter(({ open }) => open.length > 0);
}

/** Stretches less what others cover of them. */
export function without(stretches: readonly Interval[], others: readonly Interval[]): Interval[] {
  let left = stretches.filter(({ startMs, endMs }) => startMs < endMs);
  for (const other of others) {
    left = left.flatMap((one) => {
      if (!overlaps(one, other)) return one;
      const parts = [
        { startMs: one.startMs, endMs: other.startMs },
        { startMs: other.endMs, endMs: one.endMs },
      ];
      return parts.filter(({ startMs, endMs }) => startMs < endMs);
    });
  }
  return left;
}

/** A time that became free. `place`: its turn among entries and freed times; who joined later does not wait for it. */
export interface Freed extends Interval {
  readonly place: number;
  /** Only for these reasons; absent: for every reason. */
  readonly reasonIds?: readonly string[] | undefined;
}

/** True when a time with its buffers is what became free after somebody joined. */
export function isFreedFor(freed: readonly Freed[], joined: number, reasonId: string, around: Interval): boolean {
  return freed.some(
    (one) => one.place > joined && (one.reasonIds === undefined || one.reasonIds.includes(reasonId)) && overlaps(one, around),
  );
}

/** Local days in which visits may start that need some of the freed times, in order. */
export function daysOf(freed: readonly Freed[], zone: string): string[] {
  const days = new Set<string>();
  for (const { startMs, endMs } of freed) {
    const last = dayAt(zone, endMs - 1);
    // A visit of the evening before may reach into it.
    for (let day = addDays(dayAt(zone, startMs), -1); day <= last; day = addDays(day, 1)) days.add(day);
  }
  return [...days].sort();
}
