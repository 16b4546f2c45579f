import type { Blocker } from "@episante/contracts/appointment";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { judgeOf, type Question } from "./rules.ts";

const minuteMs = 60_000;
/** A hold lasts 5 minutes, may be extended by 5 more, and ends for good 30 minutes after it began. */
export const holdMs = 5 * minuteMs;
const holdLimitMs = 30 * minuteMs;
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

/** A wanted time, and all that decides about it but other bookings: leave `taken` out where the database has the last word. */
export interface Wanted extends Question {
  readonly startMs: number;
}

/** Judges a wanted time by the rules: a refusal, or null when only other bookings can be in the way. */
export function judgeTime({ startMs, ...question }: Wanted): Refusal | null {
  const blocker = judgeOf(question).first(startMs);
  return blocker ? refusalOf(blocker) : null;
}

const visitorCodes: readonly Blocker["code"][] = ["new-patients-only", "known-patients-only", "age"];

/** Judges only who wants the visit: a held time was judged when it was held, perhaps for somebody else. */
export function judgeVisitor({ startMs, ...question }: Wanted): Refusal | null {
  const blocker = judgeOf(question)
    .all(startMs)
    .find(({ code }) => visitorCodes.includes(code));
  return blocker ? refusalOf(blocker) : null;
}

/** The refusal that a rule leads to. `why` names the rule; its other facts are for members of the clinic. */
function refusalOf(blocker: Blocker): Refusal {
  if (blocker.code === "in-past") return refuse("slot-in-past");
  const detail = detailOf(blocker);
  return refuse("slot-outside-hours", { ...(detail === undefined ? {} : { detail }), extra: { why: blocker.code } });
}

function detailOf(blocker: Blocker): string | undefined {
  switch (blocker.code) {
    case "not-online":
      return "This visit is booked by telephone.";
    case "new-patients-only":
      return "This visit is for people who have not been with this doctor yet.";
    case "known-patients-only":
      return "This visit is for people who have been with this doctor before: please call the clinic.";
    case "age":
      return `This visit is for people ${[
        ...(blocker.min === undefined ? [] : [`from ${blocker.min}`]),
        ...(blocker.max === undefined ? [] : [`up to ${blocker.max}`]),
      ].join(" ")} years of age.`;
    case "daily-cap":
      return "No more of these visits can be booked on this day.";
    default:
      return undefined;
  }
}
