import type { Appointment } from "@episante/contracts/appointment";

type Dated = Pick<Appointment, "status" | "start" | "cancelUntil" | "moveUntil">;

/** True while the visit can still be changed by somebody: booked, and to come. */
export function isOpenAt(visit: Pick<Dated, "status" | "start">, nowMs: number): boolean {
  return (visit.status === "booked" || visit.status === "pending") && Date.parse(visit.start) > nowMs;
}

/** What the patient may still do online, and until when (ms). A visit that tells no limit for moving has that of cancelling. */
export interface Choices {
  readonly canMove: boolean;
  readonly canCancel: boolean;
  readonly moveUntilMs: number;
  readonly cancelUntilMs: number;
}
export function choicesAt(visit: Dated, nowMs: number): Choices {
  const cancelUntilMs = Date.parse(visit.cancelUntil);
  const moveUntilMs = visit.moveUntil === undefined ? cancelUntilMs : Date.parse(visit.moveUntil);
  const isOpen = isOpenAt(visit, nowMs);
  return { canMove: isOpen && nowMs < moveUntilMs, canCancel: isOpen && nowMs < cancelUntilMs, moveUntilMs, cancelUntilMs };
}

/** A sentence of the policy: its words, and the instant they speak of. */
export interface PolicyLine {
  readonly key: "policyBoth" | "policyMove" | "policyCancel" | "policyMoveOver" | "policyCancelOver" | "policyCall";
  readonly untilMs: number;
}

/** The policy of a visit in sentences: one when both limits are the same and lie ahead, else one for each; none once it is over. */
export function policyAt(visit: Dated, nowMs: number): PolicyLine[] {
  const { canMove, canCancel, moveUntilMs, cancelUntilMs } = choicesAt(visit, nowMs);
  if (!isOpenAt(visit, nowMs)) return [];
  if (canMove && canCancel && moveUntilMs === cancelUntilMs) return [{ key: "policyBoth", untilMs: moveUntilMs }];
  return [
    { key: canMove ? "policyMove" : "policyMoveOver", untilMs: moveUntilMs },
    { key: canCancel ? "policyCancel" : "policyCancelOver", untilMs: cancelUntilMs },
    ...(canMove || canCancel ? [{ key: "policyCall", untilMs: 0 } as const] : []),
  ];
}

/** The limits a visit would have at another start: hours before it, as the reason says. Moving has that of cancelling unless it has its own. */
export function limitsAt(start: string, hours: { readonly cancelHours: number; readonly moveHours?: number | undefined }): Dated {
  const before = (count: number) => new Date(Date.parse(start) - count * 3_600_000).toISOString() as Dated["cancelUntil"];
  return {
    status: "booked",
    start: start as Dated["start"],
    cancelUntil: before(hours.cancelHours),
    moveUntil: before(hours.moveHours ?? hours.cancelHours),
  };
}

/** Names an attempt to move: a double press and a retry after a lost answer are the same one, a move after another change is not. */
export function moveKey(visit: Pick<Appointment, "id" | "version">, start: string): string {
  return `move-${visit.id}-${visit.version ?? 0}-${Date.parse(start)}`;
}
