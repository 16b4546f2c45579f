import type { OnCall } from "@episante/contracts/on-call";
import { type Accessor, createMemo, createSignal } from "solid-js";
import { createStore, type SetStoreFunction } from "solid-js/store";
import type { CallProblem } from "../../../shared/lib/call.ts";
import { toc } from "../../i18n/on-call-texts.ts";
import { draftOf, faultsOf, type OnCallDraft, settingsOf } from "./on-call-form.ts";

/** What is being edited, what is wrong with it, and the setting it would be. */
export interface Draft {
  readonly typed: OnCallDraft;
  readonly set: SetStoreFunction<OnCallDraft>;
  /** What is wrong at a path, in words, once saving was tried: found here, or refused by the server. */
  readonly errorAt: (path: string) => string | undefined;
  /** The setting as it would be saved; undefined while something typed is wrong. */
  readonly setting: Accessor<ReturnType<typeof settingsOf> | undefined>;
  readonly people: Accessor<OnCall["people"]>;
  readonly tried: () => void;
  readonly refused: (problem: CallProblem | undefined) => void;
}

/** Starts from what is set now; later answers of the server change the people only, never what is being typed. */
export function createDraft(known: Accessor<OnCall>, nowMs: number): Draft {
  const first = known();
  const [typed, set] = createStore<OnCallDraft>(draftOf(first, nowMs));
  const [isTried, setTried] = createSignal(false);
  const [problem, setProblem] = createSignal<CallProblem | undefined>();
  const faults = createMemo(() => faultsOf(typed, first.zone));
  const isPerson = (path: string) => path.endsWith(".accountId") || (path.startsWith("chains.") && path.endsWith(".to"));
  return {
    typed,
    set,
    errorAt: (path) => {
      const fault = isTried() ? faults().get(path) : undefined;
      if (fault) return toc(`fault.${fault}`);
      if (!problem()?.errors?.some((error) => error.path === path)) return undefined;
      return toc(isPerson(path) ? "fault.member" : "fault.refused");
    },
    setting: createMemo(() => (faults().size > 0 ? undefined : settingsOf(typed, first.zone))),
    people: () => known().people,
    tried: () => setTried(true),
    refused: setProblem,
  };
}
