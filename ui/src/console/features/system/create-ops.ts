import { getOps, type Ops } from "@episante/contracts/ops";
import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { type CallProblem, call } from "../../../shared/lib/call.ts";
import { createInterval, createLoad } from "../../../shared/lib/load.ts";

const everyMs = 5_000;
const answerMs = 4_000;
/** A refused or lost question is asked again at once; when that fails too, what is on screen is no longer the present state. */
const againMs = 1_000;
const failedBlindMs = 8_000;
/** Silence without any failure counts as one, too. */
const silentBlindMs = 12_000;

export interface OpsState {
  /** The last state received. */
  readonly ops: Accessor<Ops | undefined>;
  readonly problem: Accessor<CallProblem | undefined>;
  readonly pending: Accessor<boolean>;
  /** Milliseconds since the state on screen was received. */
  readonly ageMs: Accessor<number | undefined>;
  /** True when the state on screen must not be taken for the present one. */
  readonly blind: Accessor<boolean>;
  reload(): void;
}

/**
 * The state of the installation, asked for again every 5 s while the page is visible. Without a state younger than some seconds the page is
 * blind, whatever the network says; one lost question does not make it so. @param now ticks each second, so that the age is counted
 */
export function createOps(now: Accessor<number>): OpsState {
  const [receivedAt, setReceivedAt] = createSignal<number | undefined>();
  const load = createLoad(
    () => true,
    async (_, signal) => {
      try {
        return await call(getOps, { signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]) });
      } catch (error) {
        if (signal.aborted) throw error;
        return { ok: false as const, problem: { code: "offline" as const, status: 0, title: "", traceId: "" } };
      }
    },
  );
  // Written into the same objects, so that only what changed is drawn again and nothing moves under a reader.
  const [known, setKnown] = createStore<{ ops?: Ops }>({});
  createEffect(
    on(load.value, (value) => {
      if (!value) return;
      setKnown("ops", reconcile(value, { key: null, merge: true }));
      setReceivedAt(performance.now());
    }),
  );
  createInterval(() => void load.reload(), everyMs);
  let again: ReturnType<typeof setTimeout> | undefined;
  createEffect(
    on(load.problem, (problem) => {
      clearTimeout(again);
      if (problem) again = setTimeout(() => void load.reload(), againMs);
    }),
  );
  onCleanup(() => clearTimeout(again));
  const ageMs = () => {
    now();
    const at = receivedAt();
    return at === undefined ? undefined : Math.max(0, performance.now() - at);
  };
  return {
    ops: () => known.ops,
    problem: load.problem,
    pending: load.pending,
    ageMs,
    blind: () => {
      const age = ageMs();
      if (age === undefined) return load.problem() !== undefined;
      return age > (load.problem() ? failedBlindMs : silentBlindMs);
    },
    reload: () => void load.reload(),
  };
}
