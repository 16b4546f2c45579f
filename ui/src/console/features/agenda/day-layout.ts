import type { Appointment } from "@episante/contracts/appointment";
import { addDays, clock, dayOf, mondayOf } from "../../../shared/lib/format.ts";

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

/** Instant at which the clinic's clock shows these minutes since midnight. A time that the clock skips gives the instant after the change. */
export function instantAt(day: string, minutes: number, zone: string): string {
  const ahead = dayStartMs(day, zone) + minutes * 60_000;
  const shown = minutesInto(new Date(ahead).toISOString(), zone);
  const off = dayOf(ahead, zone) === day ? minutes - shown : minutes - shown - 24 * 60;
  return new Date(ahead + (Math.abs(off) <= 180 ? off * 60_000 : 0)).toISOString();
}

/** Days of a month view: whole weeks, from Monday. */
export function monthDays(day: string): string[] {
  const first = mondayOf(`${day.slice(0, 7)}-01`);
  const next = addDays(`${day.slice(0, 7)}-28`, 7).slice(0, 7);
  const days: string[] = [];
  for (let at = first; at < `${next}-01` || days.length % 7 !== 0; at = addDays(at, 1)) days.push(at);
  return days;
}

/** Same day of another month, or its last day. */
export function addMonths(day: string, count: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + count, Math.min(date, last))).toISOString().slice(0, 10);
}

/** Minutes since midnight as `09:00`. */
export function wall(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/** Week number of a day (ISO 8601). */
export function isoWeek(day: string): number {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
  const thursday = addDays(day, 3 - weekday);
  const yearStart = `${thursday.slice(0, 4)}-01-01`;
  return 1 + Math.floor((Date.parse(`${thursday}T00:00:00Z`) - Date.parse(`${yearStart}T00:00:00Z`)) / (7 * 86_400_000));
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
