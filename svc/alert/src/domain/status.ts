import type { Alert } from "@episante/contracts/alert";
import type { Transition } from "./engine.ts";

interface Known {
  readonly status: Alert["status"];
  readonly ackedAt?: number;
  readonly closedByHandAt?: number;
  /** The episode as now derived has ended. */
  readonly isCleared: boolean;
  /** It is more severe than it was known to be. */
  readonly isWorse: boolean;
}

/**
 * Status of a known alert after a transition. What a doctor closed by hand stays closed; an alert that was acknowledged and reopens still is.
 * An acknowledgement covers the severity it was given for: an alert that got worse is open again, and somebody has to take it anew.
 */
export function statusAfter(kind: Transition["kind"], { status, ackedAt, closedByHandAt, isCleared, isWorse }: Known): Alert["status"] {
  if (kind === "withdrawn") return "withdrawn";
  if (closedByHandAt !== undefined || isCleared) return "resolved";
  return ackedAt === undefined || isWorse ? "open" : status === "resolved" ? "acked" : status;
}
