import { type EngineState, publish, type RuleFor, type Transition } from "./engine.ts";
import { type CompiledRule, type Episode, type Fold, type Received, type Sample, step, versionAt } from "./episode.ts";

/** How a rule reads what was received, if it reads that instead of readings; the same for all its versions. */
export function receivedBy({ versions }: RuleFor): Received<unknown> | undefined {
  return versions.at(-1)?.received;
}

/** When the state decides something although nothing comes, ms. */
export function dueOf({ base, baseAt = 0 }: EngineState, rule: RuleFor): number | undefined {
  return base.memory === undefined ? undefined : receivedBy(rule)?.dueAt(base.memory, baseAt);
}

/**
 * The one decision of a rule that judges what was received: takes it in the order it came, deadlines that were due earlier first. The order is the
 * log's, so nothing is ever late, and a state is its fold alone. A state that nothing changed is returned as it is.
 * @param untilMs deadlines up to here have passed with nothing else received
 */
export function applyReceived(
  state: EngineState,
  incoming: readonly Sample[],
  rule: RuleFor,
  untilMs?: number,
): { state: EngineState; transitions: Transition[] } {
  const closed: Episode[] = [];
  let { base, baseAt = 0 } = state;
  const take = (sample: Sample, version: CompiledRule | undefined) => {
    if (!version) return;
    const next = step(base, [sample], version);
    if (next.closed) closed.push(next.closed);
    if (next.fold === base) return;
    base = next.fold;
    baseAt = sample.at;
  };
  const passTo = (atMs: number) => {
    for (
      let due = dueOf({ ...state, base, baseAt }, rule);
      due !== undefined && due <= atMs;
      due = dueOf({ ...state, base, baseAt }, rule)
    ) {
      const before: Fold = base;
      take({ at: due, received: due, value: 0, source: "", kind: "timer" }, versionAt(rule.versions, due));
      // A version that is switched off judges nothing.
      if (base === before) return;
    }
  };
  for (const sample of incoming) {
    // A recording may bring an older time; what was known stays known.
    const at = Math.max(sample.at, baseAt);
    passTo(at);
    take({ ...sample, at, received: Math.max(sample.received, at) }, versionAt(rule.versions, sample.received));
  }
  if (untilMs !== undefined) passTo(untilMs);
  if (base === state.base) return { state, transitions: [] };
  const told = publish({ ...state, baseAt, base, end: base, closed }, rule);
  const published = told.state.published.filter(({ episode }) => episode.clearedAt === undefined);
  return { state: { ...told.state, published, closed: [] }, transitions: told.transitions };
}
