import { type Accessor, createSignal } from "solid-js";
import type { CallProblem, CallResult } from "./call.ts";

export interface Ending {
  busy: Accessor<boolean>;
  problem: Accessor<CallProblem | undefined>;
  run: () => Promise<void>;
}

/**
 * Ends something once, whoever presses how often. What somebody else ended meanwhile (`not-found`) is as wanted: `onDone` is called then too.
 */
export function createEnding(end: () => Promise<CallResult<unknown>>, onDone: () => void): Ending {
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem>();
  return {
    busy,
    problem,
    async run() {
      if (busy()) return;
      setBusy(true);
      const result = await end();
      setBusy(false);
      if (result.ok || result.problem.code === "not-found") onDone();
      else setProblem(result.problem);
    },
  };
}
