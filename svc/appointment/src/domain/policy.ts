import type { Schedule } from "@episante/contracts/appointment";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { isOffered, isWithinHours } from "./calendar.ts";

const minuteMs = 60_000;
/** A hold lasts 5 minutes, may be extended by 5 more, and ends for good 30 minutes after it began. */
export const holdMs = 5 * minuteMs;
const holdLimitMs = 30 * minuteMs;
/** Nothing is booked further ahead, whoever asks. */
const furthestMs = 800 * 24 * 60 * minuteMs;
/** Live holds one account may have, over all doctors. */
export const maxHolds = 3;

/** Until when a hold lasts after one more extension; null when it has had its 30 minutes. Milliseconds since the epoch. */
export function extendedUntil(hold: { createdMs: number; expiresMs: number }): number | null {
  const limit = hold.createdMs + holdLimitMs;
  return hold.expiresMs >= limit ? null : Math.min(hold.expiresMs + holdMs, limit);
}

/** Latest instant at which the patient may cancel without calling the clinic. */
export function cancelUntil(startMs: number, cancelHours: number): number {
  return startMs - cancelHours * 60 * minuteMs;
}

/** What is known of a wanted visit before looking at other bookings. */
export interface Wanted {
  readonly schedule: Schedule;
  readonly minutes: number;
  readonly isOnline: boolean;
  readonly startMs: number;
  readonly nowMs: number;
  /** Members of the clinic may use any minute within hours, without notice or horizon, for every reason. */
  readonly byMember: boolean;
}

/** Judges a wanted time against hours, notice and horizon: a refusal, or null when only other bookings can be in the way. */
export function judgeTime({ schedule, minutes, isOnline, startMs, nowMs, byMember }: Wanted): Refusal | null {
  if (startMs <= nowMs) return refuse("slot-in-past");
  if (startMs > nowMs + furthestMs) return refuse("slot-outside-hours");
  if (byMember) return isWithinHours(schedule, minutes, startMs) ? null : refuse("slot-outside-hours");
  if (!isOnline) return refuse("slot-outside-hours", { detail: "This visit is booked by telephone." });
  return isOffered(schedule, minutes, startMs, nowMs) ? null : refuse("slot-outside-hours");
}

/** Judges a cancellation: a refusal, or null. @param cancelUntilMs last instant for patients */
export function judgeCancel(visit: { status: string; cancelUntilMs: number }, nowMs: number, byMember: boolean): Refusal | null {
  if (visit.status === "cancelled") return refuse("already-cancelled");
  if (visit.status !== "booked" && visit.status !== "pending") return refuse("wrong-state");
  if (!byMember && nowMs > visit.cancelUntilMs) {
    return refuse("wrong-state", { detail: "It is too late to cancel online: please call the clinic." });
  }
  return null;
}
