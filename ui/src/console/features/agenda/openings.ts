import type { Schedule } from "@episante/contracts/appointment";
import { mondayOf } from "../../../shared/lib/format.ts";

/** Minutes since midnight of the clinic's clock; half-open. */
export type Minutes = readonly [from: number, to: number];

type Window = Schedule["windows"][number];
const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const weeksBetween = (from: string, to: string) => Math.round((Date.parse(mondayOf(to)) - Date.parse(mondayOf(from))) / (7 * 86_400_000));

function isOn(window: Window, day: string): boolean {
  const weekday = ((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
  if (window.day !== weekday) return false;
  if ((window.validFrom && day < window.validFrom) || (window.validTo && day > window.validTo)) return false;
  return !window.anchor || weeksBetween(window.anchor, day) % (window.everyWeeks ?? 1) === 0;
}

/**
 * Opening hours of one calendar day, in order; none on a closed day. What counts: a closure of the doctor, else the doctor's override of the
 * date, else a closure of the clinic, else the weekly windows.
 */
export function openingsOf(schedule: Schedule, day: string, isClinicClosed = false): Minutes[] {
  if (schedule.closures.includes(day)) return [];
  const override = schedule.overrides?.find((entry) => entry.day === day);
  if (!override && isClinicClosed) return [];
  const windows = override?.windows ?? schedule.windows.filter((window) => isOn(window, day));
  return windows.map((window): Minutes => [minutesOf(window.from), minutesOf(window.to)]).sort((a, b) => a[0] - b[0]);
}
