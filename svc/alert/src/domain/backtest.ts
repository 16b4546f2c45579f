import { applySamples, emptyState, episodesOf } from "./engine.ts";
import type { CompiledRule, Episode, Sample } from "./episode.ts";
import { applyReceived } from "./received.ts";

/**
 * What the live engine would have decided on these samples: the same fold, fed at once.
 * @param untilMs deadlines up to here have passed, where the end of the time looked at is known
 */
export function backtestSeries(patientId: string, rule: CompiledRule, samples: readonly Sample[], untilMs?: number): readonly Episode[] {
  if (rule.received) {
    const heard = samples.map(({ received, source }): Sample => ({ at: received, received, value: 1, source }));
    const { transitions } = applyReceived(
      emptyState,
      heard.toSorted((a, b) => a.at - b.at),
      { patientId, ruleId: "draft", versions: [rule] },
      untilMs,
    );
    return transitions.map(({ episode }) => episode);
  }
  const { state } = applySamples(
    emptyState,
    samples.toSorted((a, b) => a.at - b.at),
    { patientId, ruleId: "draft", versions: [rule] },
  );
  return episodesOf(state);
}

/** Alerts per patient and day over the period the samples cover; periods under a day count as one day per patient. */
export function perPatientDay(alerts: number, spansMs: readonly number[]): number {
  const days = spansMs.reduce((sum, span) => sum + Math.max(1, span / 86_400_000), 0);
  return days === 0 ? 0 : alerts / days;
}
