import type { Reason } from "@episante/contracts/doctor";
import { addDays } from "../../../shared/lib/format.ts";
import type { Taking } from "./lane-items.ts";
import type { Minutes } from "./openings.ts";

/** Where a visit is about to be put. */
export interface Target {
  readonly day: string;
  readonly doctorId: string;
  readonly from: number;
}
/** What is known of a target before anything is sent. `with` names the visit in the way. */
export type Verdict =
  | { readonly kind: "free" | "same" | "past" | "closed" | "held" | "absent" | "no-reason" }
  | { readonly kind: "taken"; readonly with: string };

/** Minutes a target snaps to, and steps by. */
export const snapMinutes = 5;

interface Around {
  readonly minutes: number;
  readonly before: number;
  readonly after: number;
}

/** Judges a target by the doctor's hours and what takes time there; `taken` is without the visit itself. */
export function judgeTarget(
  target: Target,
  around: Around,
  facts: { readonly openings: readonly Minutes[] | undefined; readonly taken: readonly Taking[]; readonly notBefore: number },
): Verdict {
  const { from } = target;
  const to = from + around.minutes;
  if (from < facts.notBefore) return { kind: "past" };
  if (facts.openings && !facts.openings.some((window) => window[0] <= from && to <= window[1])) return { kind: "closed" };
  const inTheWay = facts.taken.find(
    (one) => one.from - (one.before ?? 0) < to + around.after && from - around.before < one.to + (one.after ?? 0),
  );
  if (!inTheWay) return { kind: "free" };
  return inTheWay.kind === "visit" ? { kind: "taken", with: inTheWay.key } : { kind: inTheWay.kind };
}

/** A target moved by an arrow key: by minutes up and down, by lane left and right, into the next day behind the last lane. */
export function stepTarget(target: Target, key: string, wide: boolean, doctorIds: readonly string[]): Target | undefined {
  const by = wide ? 60 : snapMinutes;
  if (key === "ArrowUp") return { ...target, from: Math.max(0, target.from - by) };
  if (key === "ArrowDown") return { ...target, from: Math.min(24 * 60 - snapMinutes, target.from + by) };
  if (key !== "ArrowLeft" && key !== "ArrowRight") return undefined;
  const side = key === "ArrowLeft" ? -1 : 1;
  if (wide) return { ...target, day: addDays(target.day, side) };
  const index = doctorIds.indexOf(target.doctorId) + side;
  const doctorId = doctorIds[(index + doctorIds.length) % doctorIds.length] ?? target.doctorId;
  const isOver = index < 0 || index >= doctorIds.length;
  return { ...target, doctorId, day: isOver ? addDays(target.day, side) : target.day };
}

/** The reason of a colleague that means the same as this one: same words, in either language. */
export function sameReason(reason: Reason, ofColleague: readonly Reason[]): Reason | undefined {
  return (
    ofColleague.find((one) => one.id === reason.id) ??
    ofColleague.find((one) => one.name.fr === reason.name.fr || one.name.en === reason.name.en)
  );
}

/** The free targets of the same lane closest to one that is not, in the order of time; they do not overlap each other. */
export function nearestFree(
  target: Target,
  around: Around,
  facts: Parameters<typeof judgeTarget>[2] & { readonly openings: readonly Minutes[] | undefined },
  most = 3,
): Target[] {
  const candidates: Target[] = [];
  for (const [from, to] of facts.openings ?? [])
    for (let at = from; at + around.minutes <= to; at += snapMinutes) candidates.push({ ...target, from: at });
  candidates.sort((a, b) => Math.abs(a.from - target.from) - Math.abs(b.from - target.from));
  const found: Target[] = [];
  for (const one of candidates) {
    if (found.length === most) break;
    if (found.some((other) => Math.abs(other.from - one.from) < around.minutes)) continue;
    if (judgeTarget(one, around, facts).kind === "free") found.push(one);
  }
  return found.sort((a, b) => a.from - b.from);
}
