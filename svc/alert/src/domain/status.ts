import type { Alert } from "@episante/contracts/alert";
import type { Transition } from "./engine.ts";

interface Known {
  readonly status: Alert["status"];
  readonly ackedAt?: number;
  readonly closedByHandAt?: number;
  /** The episode as now derived has ended. */
  readonly isCleared: boolean;
}

/** Status of a known alert after a transition. What a doctor closed by hand stays closed; an alert that was acknowledged and reopens still is. */
export function statusAfter(kind: Transition["kind"], { status, ackedAt, closedByHandAt, isCleared }: Known): Alert["status"] {
  if (kind === "withdrawn") return "withdrawn";
  if (closedByHandAt !== undefined || isCleared) return "resolved";
  if (status !== "resolved") return status;
  return ackedAt === undefined ? "open" : "acked";
}
