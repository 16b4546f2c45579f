import { type Refusal, refuse } from "@episante/contracts/problem";

/** States a visit may be set to on the clinic's floor. Cancelling and moving are verbs of their own. */
export const floorStatuses = ["arrived", "checked-in", "fulfilled", "noshow", "entered-in-error"] as const;
export type FloorStatus = (typeof floorStatuses)[number];

/** Everything the floor knows of a visit: the state with its times (ms since the epoch). Undoing restores all of it. */
export interface FloorState {
  readonly status: string;
  readonly arrivedMs: number | null;
  readonly inRoomMs: number | null;
  readonly doneMs: number | null;
  /** Of a no-show: whether the clinic takes the excuse. */
  readonly excused: boolean | null;
}

/** What of a visit the floor knows. */
export function floorOf({ status, arrivedMs, inRoomMs, doneMs, excused }: FloorState): FloorState {
  return { status, arrivedMs, inRoomMs, doneMs, excused };
}

/** From which states each one is reached. A patient may be called straight into the room, or turn up after having been given up. */
const reachedFrom: Readonly<Record<FloorStatus, readonly string[]>> = {
  arrived: ["booked", "pending", "noshow"],
  "checked-in": ["booked", "pending", "arrived", "noshow"],
  fulfilled: ["booked", "pending", "arrived", "checked-in"],
  noshow: ["booked", "pending"],
  "entered-in-error": ["booked", "pending", "arrived", "checked-in", "fulfilled", "noshow"],
};

/** The state after the floor says `to`, or a refusal. Times already known are kept: a patient called in without a desk gets both at once. */
export function setStatus(from: FloorState, to: FloorStatus, nowMs: number, isExcused = false): FloorState | Refusal {
  if (from.status === "cancelled") return refuse("already-cancelled");
  if (!reachedFrom[to].includes(from.status))
    return refuse("wrong-state", { detail: `A visit that is ${from.status} cannot become ${to}.` });
  switch (to) {
    case "arrived":
      return { ...from, status: to, arrivedMs: nowMs, excused: null };
    case "checked-in":
      return { ...from, status: to, arrivedMs: from.arrivedMs ?? nowMs, inRoomMs: nowMs, excused: null };
    case "fulfilled":
      return { ...from, status: to, doneMs: nowMs };
    case "noshow":
      return { ...from, status: to, excused: isExcused };
    case "entered-in-error":
      return { ...from, status: to, excused: null };
  }
}

/** States of `busy`, of which only `released` lets somebody else have the time. */
export type BusyState = "pending" | "booked" | "arrived" | "released";

/**
 * What becomes of the visit's time. A patient who did not come keeps it: the hour has begun, who comes late is still let in, and a mistaken
 * no-show can always be undone. What was entered in error or cancelled never was: its time is free.
 */
export function busyStateOf(status: string): BusyState {
  switch (status) {
    case "cancelled":
    case "entered-in-error":
      return "released";
    case "pending":
      return "pending";
    case "arrived":
    case "checked-in":
    case "fulfilled":
      return "arrived";
    default:
      return "booked";
  }
}
