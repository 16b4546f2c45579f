import type { ProblemCode, Refusal } from "@episante/contracts/problem";
import { isRefusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import type { Deps } from "../deps.ts";
import { addHistory } from "../storage/history.ts";
import { findVisit, type Place } from "../storage/visits.ts";
import { doerOf } from "./doer.ts";
import { accessVisit } from "./visit-access.ts";

/** Refusals that are about the visit; others are about the request and leave nothing in its history. */
const telling: readonly ProblemCode[] = [
  "slot-taken",
  "slot-in-past",
  "slot-outside-hours",
  "already-cancelled",
  "wrong-state",
  "version-conflict",
  "forbidden",
];

interface Attempt {
  readonly id: string;
  readonly attempt: "move" | "cancel";
  readonly code: ProblemCode;
  readonly wanted?: Partial<Place>;
}

const noteAttempt = defineAction<Deps, Attempt, null>({
  name: "appointment.note-refusal",
  access: accessVisit,
  run: async ({ actor, input, tx, now, audit }) => {
    const visit = await findVisit(tx, input.id);
    if (!visit) return refuse("not-found");
    audit({ patientIds: [visit.patientId], entity: { type: "appointment", id: visit.id } });
    const { attempt, code, wanted } = input;
    await addHistory(tx, visit, doerOf(actor, visit), { kind: "refused", attempt, code, ...(wanted ? { later: wanted } : {}) }, now);
    return null;
  },
});

/** Keeps a refused attempt in the visit's history, in a transaction of its own: the attempt's was rolled back. @returns `result` as it is */
export async function noteRefusal<R>(
  result: R | Refusal,
  { deps, actor, meta }: { deps: Deps; actor: Actor; meta: ActionMeta },
  attempt: Omit<Attempt, "code">,
): Promise<R | Refusal> {
  if (isRefusal(result) && telling.includes(result.refused)) {
    const { idempotencyKey: _, ...rest } = meta;
    await noteAttempt(deps, actor, { ...attempt, code: result.refused }, rest);
  }
  return result;
}
