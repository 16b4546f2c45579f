import { type Refusal, refuse } from "@episante/contracts/problem";

const minuteMs = 60_000;

/** What of a visit a move or a cancellation is judged by. Instants in ms since the epoch. */
export interface Standing {
  readonly status: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly doctorId: string;
}

/** True while a visit is to come: neither cancelled nor begun on the floor. */
export function isOpen({ status }: Pick<Standing, "status">): boolean {
  return status === "booked" || status === "pending";
}

/** A policy as a refusal tells it, so that a screen can write it in the reader's language. */
export interface PolicyText {
  readonly kind: "cancel" | "move";
  /** Hours before the start. */
  readonly hours: number;
  /** Last instant at which it was possible, ms since the epoch. */
  readonly untilMs: number;
}

/** Last instant at which a patient may do something that must be done so many hours before the start. */
export function lastInstant(startMs: number, hours: number): number {
  return startMs - hours * 60 * minuteMs;
}

/** The policy a cancellation is judged by: the one the visit got with its time. */
export function cancelPolicyOf({ startMs, cancelUntilMs }: { readonly startMs: number; readonly cancelUntilMs: number }): PolicyText {
  return { kind: "cancel", hours: (startMs - cancelUntilMs) / (60 * minuteMs), untilMs: cancelUntilMs };
}

/** True while a patient may still act on the policy; at the limit itself it is possible. */
export function isInTime({ untilMs }: PolicyText, nowMs: number): boolean {
  return nowMs <= untilMs;
}

/**
 * Judges whether a visit may be moved at all: a refusal, or null when only the new time is left to judge. Patients move within the policy
 * and before the visit began; members of the clinic whenever it has not begun on the floor.
 */
export function judgeMove(visit: Standing, policy: PolicyText, nowMs: number, byMember: boolean): Refusal | null {
  if (visit.status === "cancelled") return refuse("already-cancelled");
  if (!isOpen(visit)) return refuse("wrong-state");
  return byMember || isInTime(policy, nowMs) ? null : tooLate(policy);
}

/** Judges a cancellation: a refusal, or null. Patients within the policy, members of the clinic at any time. */
export function judgeCancel(visit: Pick<Standing, "status">, policy: PolicyText, nowMs: number, byMember: boolean): Refusal | null {
  if (visit.status === "cancelled") return refuse("already-cancelled");
  if (!isOpen(visit)) return refuse("wrong-state");
  return byMember || isInTime(policy, nowMs) ? null : tooLate(policy);
}

function tooLate({ kind, hours, untilMs }: PolicyText): Refusal {
  const what = kind === "cancel" ? "cancelled" : "moved";
  return refuse("wrong-state", {
    detail: `This visit can be ${what} online until ${hours} h before it starts. It is too late now: please call the clinic.`,
    extra: { policy: { kind, hours, until: new Date(untilMs).toISOString() } },
  });
}

/** True when a move changes nothing: the same doctor, the same time. */
export function isSamePlace(visit: Standing, to: Pick<Standing, "startMs" | "endMs" | "doctorId">): boolean {
  return visit.doctorId === to.doctorId && visit.startMs === to.startMs && visit.endMs === to.endMs;
}
