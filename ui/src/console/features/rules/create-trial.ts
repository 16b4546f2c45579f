import type { AnswerOf } from "@episante/contracts/endpoint";
import { backtest, type Rule, type RuleBody } from "@episante/contracts/rule";
import { type Accessor, createEffect, createSignal, onCleanup } from "solid-js";
import { call } from "../../../shared/lib/call.ts";
import { createLoad } from "../../../shared/lib/load.ts";
import { serverNow } from "../../../shared/lib/server-clock.ts";

export const trialSpans = { "24h": 24 * 3_600_000, "7d": 168 * 3_600_000 } as const;
export type TrialSpan = keyof typeof trialSpans;
export interface TrialQuestion {
  readonly rule: RuleBody;
  readonly span: TrialSpan;
  /** One patient; without it all whom the doctor treats. */
  readonly patientId?: string | undefined;
  /** The live rule to compare with. */
  readonly against?: Rule["id"] | undefined;
}
export interface TrialAnswer {
  readonly result: AnswerOf<typeof backtest>;
  /** The period that was replayed. */
  readonly from: number;
  readonly to: number;
}

/** While somebody types, nothing is asked for this long. */
const pauseMs = 400;

/**
 * Runs a draft over stored readings whenever it has changed and stands for a moment. A run that is outdated is cancelled, and its answer never
 * shown; the answer before stays on screen until the next one.
 */
export function createTrial(question: Accessor<TrialQuestion | undefined>) {
  const [asked, setAsked] = createSignal<string | undefined>();
  createEffect(() => {
    const wanted = question();
    const timer = setTimeout(() => setAsked(wanted && JSON.stringify(wanted)), wanted ? pauseMs : 0);
    onCleanup(() => clearTimeout(timer));
  });
  const load = createLoad(asked, async (text, signal) => {
    const { rule, span, patientId, against } = JSON.parse(text) as TrialQuestion;
    const to = serverNow();
    const from = to - trialSpans[span];
    const answer = await call(backtest, {
      body: {
        rule,
        from: new Date(from).toISOString(),
        to: new Date(to).toISOString(),
        ...(against ? { against } : {}),
        ...(patientId ? { patientIds: [patientId as `pat_${string}`] } : {}),
      },
      signal,
    });
    return answer.ok ? { ok: true as const, value: { result: answer.value, from, to } satisfies TrialAnswer } : answer;
  });
  return {
    answer: load.value,
    problem: load.problem,
    /** True while what is on screen is not what stands in the fields. */
    isBehind: () => {
      const wanted = question();
      return wanted !== undefined && (load.pending() || asked() !== JSON.stringify(wanted));
    },
    again: load.reload,
  };
}
