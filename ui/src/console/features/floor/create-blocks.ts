import type { AnswerOf } from "@episante/contracts/endpoint";
import { getNoShowBlock, liftNoShowBlock } from "@episante/contracts/visit";
import { type Accessor, createEffect } from "solid-js";
import { createStore } from "solid-js/store";
import { type CallResult, call } from "../../../shared/lib/call.ts";

export type Block = AnswerOf<typeof getNoShowBlock>;
/** Whose missed visits are asked for. `since` changes when the answer may have changed. */
export interface Asked {
  readonly patientId: `pat_${string}`;
  readonly clinicId: `cli_${string}`;
  readonly since: string;
}

/** Missed visits of those patients, each asked for once and again when `since` changes: every answer is a read in the patient's log. */
export function createBlocks(wanted: Accessor<readonly Asked[]>) {
  const [known, setKnown] = createStore<Record<string, Block>>({});
  const asked = new Map<string, string>();
  const take = (result: CallResult<Block>) => {
    if (result.ok) setKnown(result.value.patientId, result.value);
    return result;
  };
  createEffect(() => {
    for (const { patientId, clinicId, since } of wanted()) {
      if (asked.get(patientId) === since) continue;
      asked.set(patientId, since);
      void call(getNoShowBlock, { params: { patientId }, query: { clinicId } })
        .then(take)
        .then((result) => {
          if (!result.ok) asked.delete(patientId);
        });
    }
  });
  return {
    of: (patientId: string): Block | undefined => known[patientId],
    lift: async ({ patientId, clinicId }: Block) => take(await call(liftNoShowBlock, { params: { patientId }, body: { clinicId } })),
  };
}
export type Blocks = ReturnType<typeof createBlocks>;
