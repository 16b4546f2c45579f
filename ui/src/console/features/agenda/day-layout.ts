import type { Appointment, Schedule } from "@episante/contracts/appointment";
import { addDays, clock, dayOf } from "../../../shared/lib/format.ts";

/** 20 minutes are 26 px. */
export const pxPerMinute = 1.3;

/** Wall-clock minutes since midnight of an instant in a zone. */
export function minutesInto(instant: string, zone: string): number {
  const [hour, minute] = clock(instant, zone).split(":").map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
}

/** Instant at which a calendar day starts in a zone, milliseconds; searched, because midnight does not exist everywhere. */
export function dayStartMs(day: string, zone: string): number {
  const around = Date.parse(`${day}T00:00:00Z`);
  for (let at = around - 15 * 3_600_000; at <= around + 15 * 3_600_000; at += 15 * 60_000) {
    if (dayOf(at, zone) === day) return at;
  }
  return around;
}

/** Week number of a day (ISO 8601). */
export function isoWeek(day: string): number {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  const thursday = addDays(day, 3 - weekday);
  const yearStart = `${thursday.slice(0, 4)}-01-01`;
  return 1 + Math.floor((Date.parse(`${thursday}T00:00:00Z`) - Date.parse(`${yearStart}T00:00:00Z`)) / (7 * 86_400_000));
}

type Minutes = readonly [from: number, to: number];

/** Opening hours of one calendar day, minutes since midnight, in order; none on a closed day. */
export function openingsOf(schedule: Schedule, day: string): Minutes[] {
  if (schedule.closures.includes(day)) return [];
  const weekday = ((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
  const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  return schedule.windows
    .filter((window) => window.day === weekday)
    .map((window): Minutes => [minutes(window.from), minutes(window.to)])
    .sort((a, b) => a[0] - b[0]);
}

/** What of the hours on screen is closed: all that lies between the openings. */
export function closedParts(openings: readonly Minutes[], shown: { from: number; minutes: number }): Minutes[] {
  const end = shown.from + shown.minutes;
  const closed: Minutes[] = [];
  let at = shown.from;
  for (const [from, to] of openings) {
    if (from > at) closed.push([at, Math.min(from, end)]);
    at = Math.max(at, to);
  }
  if (at < end) closed.push([at, end]);
  return closed;
}

/** Hours on screen: 8 to 18, wider when a visit or opening lies outside. Minutes since midnight, whole hours. */
export function hoursShown(visits: readonly (readonly [from: number, to: number])[]): { from: number; minutes: number } {
  let from = 8 * 60;
  let to = 18 * 60;
  for (const [start, end] of visits) {
    from = Math.min(from, Math.floor(start / 60) * 60);
    to = Math.max(to, Math.ceil((end < start ? 24 * 60 : end) / 60) * 60);
  }
  return { from, minutes: to - from };
}

export interface PlacedVisit {
  readonly appointment: Appointment;
  readonly from: number;
  readonly to: number;
  readonly lane: number;
  readonly lanes: number;
}

/** Places the visits of one day: overlapping ones stand side by side. */
export function layDay(visits: readonly Appointment[], zone: string): PlacedVisit[] {
  const sorted = visits
    .map((appointment) => {
      const from = minutesInto(appointment.start, zone);
      return { appointment, from, to: from + (Date.parse(appointment.end) - Date.parse(appointment.start)) / 60_000, lane: 0, lanes: 1 };
    })
    .sort((a, b) => a.from - b.from || b.to - a.to);
  const placed: PlacedVisit[] = [];
  let group: typeof sorted = [];
  let groupEnd = Number.NEGATIVE_INFINITY;
  const close = () => {
    const lanes = Math.max(1, ...group.map((visit) => visit.lane + 1));
    placed.push(...group.map((visit) => ({ ...visit, lanes })));
    group = [];
  };
  for (const visit of sorted) {
    if (visit.from >= groupEnd) close();
    const taken = new Set(group.filter((other) => other.to > visit.from).map((other) => other.lane));
    while (taken.has(visit.lane)) visit.lane += 1;
    group.push(visit);
    groupEnd = Math.max(groupEnd, visit.to);
  }
  close();
  return placed;
}
