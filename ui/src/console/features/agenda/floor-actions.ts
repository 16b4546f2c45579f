import type { Appointment } from "@episante/contracts/appointment";

type Status = Appointment["status"];
export type FloorAction = "arrived" | "checked-in" | "fulfilled" | "noshow";

/** The key of each action; letters stay the same in both languages. */
export const floorKeys: Readonly<Record<FloorAction, string>> = { arrived: "a", "checked-in": "e", fulfilled: "f", noshow: "b" };

const reached: Readonly<Record<FloorAction, readonly Status[]>> = {
  arrived: ["booked", "pending", "noshow"],
  "checked-in": ["booked", "pending", "arrived", "noshow"],
  fulfilled: ["booked", "pending", "arrived", "checked-in"],
  noshow: ["booked", "pending"],
};

/** What can be said of a visit next, the likeliest first. */
export function nextActions(status: Status): FloorAction[] {
  const all: FloorAction[] = ["arrived", "checked-in", "fulfilled", "noshow"];
  return all.filter((action) => reached[action].includes(status));
}

/** A state that can be taken back. */
export const canUndo = (status: Status): boolean => status !== "booked" && status !== "pending";

/** Nobody has come for it yet and it stands: it may be moved or cancelled. */
export const isComing = (status: Status): boolean => status === "booked" || status === "pending";

/** It stands in the agenda and takes the doctor's time. */
export const isStanding = (status: Status): boolean => status !== "cancelled" && status !== "entered-in-error";

/** State as a sign beside its fill: colour alone says nothing. The words are read out. */
export const glyphs: Readonly<Record<Status, string>> = {
  pending: "?",
  booked: "",
  arrived: "●",
  "checked-in": "▶",
  fulfilled: "✓✓",
  cancelled: "✕",
  noshow: "⊘",
  "entered-in-error": "✕",
};

/** The patient said to come and is still expected: later states say more. */
export const isConfirmed = ({ status, confirmedAt }: Pick<Appointment, "status" | "confirmedAt">): boolean =>
  isComing(status) && confirmedAt !== undefined;

export const confirmedGlyph = "✓";
/** The sign of a visit: its state's, or that the patient has confirmed it. */
export const glyphOf = (visit: Pick<Appointment, "status" | "confirmedAt">): string =>
  isConfirmed(visit) ? confirmedGlyph : glyphs[visit.status];
