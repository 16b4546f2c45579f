import { applySamples, emptyState, episodesOf, overlaps } from "./engine.ts";
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

/** Alerts of two rules on the same readings of one patient: those of each alone, and how many are the same, which is to say overlap in time. */
export function compareEpisodes<E extends Episode>(
  draft: readonly E[],
  live: readonly E[],
): { readonly onlyDraft: readonly E[]; readonly onlyLive: readonly E[]; readonly both: number } {
  const onlyLive = [...live];
  const onlyDraft = draft.filter((one) => {
    const same = onlyLive.findIndex((other) => overlaps(one, other));
    if (same >= 0) onlyLive.splice(same, 1);
    return same < 0;
  });
  return { onlyDraft, onlyLive, both: draft.length - onlyDraft.length };
}

/** How many alerts have each key, as two rules count them; `live` is absent where there is none. Keys in ascending order. */
export function countBoth<E>(draft: readonly E[], live: readonly E[] | undefined, keyOf: (one: E) => string): [string, Counted][] {
  const own = Map.groupBy(draft, keyOf);
  const other = Map.groupBy(live ?? [], keyOf);
  const keys = [...new Set([...own.keys(), ...other.keys()])].sort();
  return keys.map((key) => [key, { draft: own.get(key)?.length ?? 0, ...(live ? { live: other.get(key)?.length ?? 0 } : {}) }]);
}

interface Counted {
  readonly draft: number;
  readonly live?: number;
}
