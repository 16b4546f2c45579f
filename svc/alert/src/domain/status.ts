import type { Alert } from "@episante/contracts/alert";
import type { Transition } from "./engine.ts";

interface Known {
  readonly status: Alert["status"];
  readonly ownerAccountId?: string;
  readonly closedByHandAt?: number;
  /** The episode as now derived has ended. */
  readonly isCleared: boolean;
}

/** Status of a known alert after a transition. What a doctor closed by hand stays closed; an acknowledged alert that reopens keeps its owner. */
export function statusAfter(kind: Transition["kind"], { status, ownerAccountId, closedByHandAt, isCleared }: Known): Alert["status"] {
  if (kind === "withdrawn") return "withdrawn";
  if (closedByHandAt !== undefined || isCleared) return "resolved";
  if (status !== "resolved") return status;
  return ownerAccountId ? "acked" : "open";
}
