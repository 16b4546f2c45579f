import type { Frame } from "@episante/contracts/envelope";
import type { ReaderContext } from "@episante/service/reader";
import { freshFrames } from "@episante/service/reader";
import type { AlertDeps } from "../deps.ts";
import { decodeBlock, decodeState, encodeBlock, encodeState } from "../domain/codec.ts";
import { applySamples, type Block, emptyState, needsHistory, prepend, type RuleFor, type Transition, trim } from "../domain/engine.ts";
import type { Sample } from "../domain/threshold.ts";
import { addToTrend } from "../domain/trend.ts";
import { loadStates, saveBlocks, saveStates, takeBlocks, takeClosures } from "../storage/engine-states.ts";
import { type Entry, type LiveRule, rulesFor } from "./engine-cache.ts";
import { type AlertTransition, recordTransitions } from "./record-transitions.ts";

export const readerName = "rules";

/** One rule for one patient, and the samples of each frame in stream order. */
interface Work {
  readonly key: string;
  readonly rule: LiveRule;
  readonly clinicId: string;
  readonly judged: RuleFor;
  readonly frames: { readonly samples: readonly Sample[]; readonly receivedAtMs: number }[];
}

/** Judges a batch of the log: state rows, alerts, events and the reader's checkpoint are one transaction. */
export async function evaluateReadings({ tx, partition, messages, deps, emit }: ReaderContext<AlertDeps>): Promise<void> {
  const frames = await freshFrames(
    tx,
    readerName,
    messages.flatMap(({ envelope }) => envelope.frames),
  );
  const work = plan(frames, await deps.engine.currentRules(tx));
  if (work.length === 0) return;
  const cache = deps.engine.partition(partition);
  const missing = work.filter(({ key }) => !cache.has(key));
  const found = await loadStates(
    tx,
    missing.map(({ judged }) => judged),
  );
  const byKey = new Map(found.map((row) => [keyOf(row.patientId, row.ruleId), row]));
  for (const { key, judged } of missing) {
    const row = byKey.get(key);
    cache.set(key, row ? { ...row, state: decodeState(row.state, judged) } : { state: emptyState, trend: [] });
  }
  const closures = await takeClosures(tx, [...new Set(work.map(({ judged }) => judged.patientId))]);
  const resets = Map.groupBy(closures, ({ patientId, ruleId }) => keyOf(patientId, ruleId));

  const changes: AlertTransition[] = [];
  const blocks: Parameters<typeof saveBlocks>[1][number][] = [];
  for (const { key, rule, clinicId, judged, frames: parts } of work) {
    let entry = cache.get(key) ?? { state: emptyState, trend: [] };
    // Not after the last reading: a recording that lags behind the clock goes on being judged.
    const { lastAt = Number.POSITIVE_INFINITY } = entry;
    const hand = (resets.get(key) ?? []).map(({ atMs }) => ({ samples: [resetAt(Math.min(atMs, lastAt))], receivedAtMs: atMs }));
    for (const { samples, receivedAtMs } of [...hand, ...parts]) {
      const oldest = Math.min(...samples.map((sample) => sample.at));
      let { state } = entry;
      if (needsHistory(state, oldest)) state = prepend((await takeBlocks(tx, judged, oldest)).map(decodeBlock), state, judged);
      const applied = applySamples(state, samples, judged);
      entry = observe({ ...entry, state: applied.state }, samples);
      changes.push(
        ...applied.transitions.map((transition: Transition) => ({
          transition,
          rule,
          clinicId,
          patientId: judged.patientId,
          receivedAtMs,
          entry,
        })),
      );
    }
    const trimmed = trim(entry.state, judged);
    blocks.push(
      ...trimmed.blocks.map((block: Block) => ({
        patientId: judged.patientId,
        ruleId: rule.id,
        toAt: block.toAt,
        block: encodeBlock(block),
      })),
    );
    cache.set(key, { ...entry, state: trimmed.state });
  }
  await saveBlocks(tx, blocks);
  await saveStates(
    tx,
    work.flatMap(({ key, judged }) => {
      const entry = cache.get(key);
      return entry ? [{ ...entry, patientId: judged.patientId, ruleId: judged.ruleId, state: encodeState(entry.state) }] : [];
    }),
  );
  await recordTransitions(tx, changes, emit);
}

const keyOf = (patientId: string, ruleId: string) => `${patientId}|${ruleId}`;

function resetAt(at: number): Sample {
  return { at, value: 0, received: at, source: "hand", kind: "reset" };
}

function plan(frames: readonly Frame[], byClinic: Map<string, LiveRule[]>): Work[] {
  const work = new Map<string, Work>();
  for (const frame of frames) {
    for (const rule of rulesFor(frame, byClinic)) {
      const samples = samplesOf(frame, rule);
      if (samples.length === 0) continue;
      const key = keyOf(frame.patientId, rule.id);
      const judged = { patientId: frame.patientId, ruleId: rule.id, versions: rule.versions };
      const entry = work.get(key) ?? { key, rule, clinicId: frame.clinicId, judged, frames: [] };
      entry.frames.push({ samples, receivedAtMs: frame.receivedAtMs });
      work.set(key, entry);
    }
  }
  return [...work.values()];
}

/** Readings of the rule's signal, whatever their code; implausible ones are counted, not judged. */
function samplesOf(frame: Frame, rule: LiveRule): Sample[] {
  const signal = rule.versions.at(-1)?.signal;
  return frame.readings.flatMap(([code, readingSignal, value, at, flag]) =>
    readingSignal === signal
      ? [{ at, value, received: frame.receivedAtMs, source: `${frame.deviceId}|${code}`, ...(flag ? { kind: "rejected" as const } : {}) }]
      : [],
  );
}

function observe(entry: Entry, samples: readonly Sample[]): Entry {
  let { trend, lastAt, lastValue } = entry;
  for (const { at, value, kind } of samples) {
    if (kind) continue;
    trend = addToTrend(trend, at, value);
    if (lastAt === undefined || at >= lastAt) {
      lastAt = at;
      lastValue = value;
    }
  }
  return { ...entry, trend, ...(lastAt === undefined || lastValue === undefined ? {} : { lastAt, lastValue }) };
}
