import type { Frame } from "@episante/contracts/envelope";
import { isWithheld } from "@episante/contracts/signals";
import type { Tx } from "@episante/service/db";
import { handedOver, pipelined } from "@episante/service/pipelined";
import { type ArrivedMessages, type ReaderContext, type ReaderMessage, readMarks } from "@episante/service/reader";
import type { AlertDeps } from "../deps.ts";
import { decodeBlock, decodeState, encodeBlock, encodeState, encodeTail } from "../domain/codec.ts";
import { applySamples, emptyState, fixVersions, needsHistory, prepend, type RuleFor, trim } from "../domain/engine.ts";
import { latenessMs, type Sample, sourceOf } from "../domain/episode.ts";
import { applyReceived, dueOf, receivedBy } from "../domain/received.ts";
import { addToTrend } from "../domain/trend.ts";
import { lockAlerts } from "../storage/alerts.ts";
import {
  closeClosures,
  loadDue,
  loadStates,
  openClosures,
  type StateChange,
  type StoredBlock,
  saveBlocks,
  saveStates,
  takeBlocks,
} from "../storage/engine-states.ts";
import { ruleEpoch } from "../storage/rules.ts";
import { type Entry, keyOf, rulesFor } from "./engine-cache.ts";
import type { LiveRule, Rules } from "./live-rules.ts";
import {
  type AlertTransition,
  changedAlerts,
  idsToLock,
  patientsChanged,
  recordTransitions,
  snoozesPierced,
} from "./record-transitions.ts";
import { readTold, recordTold, tellable, viewersOf } from "./tell-feed.ts";

export const readerName = "rules";

/** One rule for one patient, and the samples of each frame in stream order. */
interface Work {
  readonly key: string;
  readonly rule: LiveRule;
  readonly clinicId: string;
  readonly judged: RuleFor;
  readonly frames: Arrived[];
}

interface Arrived {
  readonly samples: readonly Sample[];
  readonly receivedAtMs: number;
  readonly traceparent?: string | undefined;
  /** Its receive time is now: deadlines that follow from it are the clock's business. A recording of earlier times has none. */
  readonly isLive: boolean;
}

/** Samples a state takes in before its row is written whole again: at 10 readings/s, a tail and its share of the whole weigh about the same. */
const longestTail = 128;

/**
 * Judges a batch of the log: state rows, alerts, events, marks and the reader's checkpoint are one transaction. It waits for the database
 * twice: for all it must read, and for all it writes with the commit behind it.
 */
export async function evaluateReadings(context: ReaderContext<AlertDeps>): Promise<void> {
  const { tx, partition, messages, deps, now, emit, commit } = context;
  const timersTo = context.isTimeDue ? now : undefined;
  const received = framesOf(messages);
  const expected = deps.engine.takeExpected(partition, new Set(received.map(({ patientId }) => patientId)));
  const [marks, epoch, closures, held, viewers] = await pipelined([
    readMarks(tx, readerName, received),
    ruleEpoch(tx),
    openClosures(tx, [...new Set(received.map(({ patientId }) => patientId))]),
    lockAlerts(tx, [...expected.alertIds], [...expected.patientIds]),
    viewersOf(tx, deps, deps.feed.inStep(), expected.patientIds, now),
  ]);
  const rules = await deps.engine.rulesOf(tx, epoch);
  const work = plan(marks.fresh, rules, now);
  const cache = deps.engine.partition(partition);
  if (timersTo !== undefined) await addDue(context, work, rules);
  await loadMissing(tx, work, cache);
  const resets = Map.groupBy(closures, ({ patientId, ruleId }) => keyOf(patientId, ruleId));

  const changes: AlertTransition[] = [];
  const blocks: StoredBlock[] = [];
  const states: StateChange[] = [];
  for (const one of work) {
    const { key, rule, judged } = one;
    const known = cache.get(key) ?? unknown;
    const moved = await judge(tx, one, known, resets.get(key) ?? [], timersTo);
    if (moved.entry === known) {
      cache.set(key, known);
      continue;
    }
    changes.push(...moved.changes);
    const { state, blocks: cut } = trim(moved.entry.state, judged);
    const row = { patientId: judged.patientId, ruleId: rule.id };
    blocks.push(...cut.map((block) => ({ ...row, toAt: block.toAt, block: encodeBlock(block) })));
    const isWhole = moved.entry.tail === undefined || cut.length > 0 || moved.entry.tail.length > longestTail;
    const entry = { ...moved.entry, state, tail: isWhole ? [] : (moved.entry.tail ?? []) };
    cache.set(key, entry);
    deps.engine.setTimer(partition, key, { ...row, dueAt: entry.dueAt });
    states.push({
      ...row,
      ...shown(entry),
      ...(entry.dueAt === undefined ? {} : { dueAt: entry.dueAt }),
      tail: encodeTail(entry.tail, state.published),
      ...(isWhole ? { state: encodeState(state) } : {}),
    });
  }
  const [ids, patientIds] = [idsToLock(changes), patientsChanged(changes)];
  const isHeld = ids.every((id) => expected.alertIds.has(id)) && patientIds.every((id) => expected.patientIds.has(id));
  const locked = isHeld ? held : await lockAlerts(tx, ids, patientIds);
  const pierced = snoozesPierced(changes, locked);
  const changed = changedAlerts(changes, pierced);
  const told = tellable(viewers, changed);
  // Nothing below depends on another's answer: the statements leave together and run in this order.
  const written = pipelined([
    recordTransitions(tx, changes, locked, pierced, emit, now),
    marks.save(),
    saveBlocks(tx, blocks),
    saveStates(tx, states),
    closeClosures(
      tx,
      work.flatMap(({ key }) => resets.get(key) ?? []),
    ),
    told && recordTold(tx, deps, told, now),
  ]);
  const read = handedOver().then(() => told && readTold(tx, told, now));
  const [[cursor], alerts] = await pipelined([written, read, handedOver().then(commit)]);
  if (cursor === undefined) return;
  const page = alerts && { after: cursor - changed.length, upTo: cursor, alerts };
  deps.engine.changed(partition, { cursor, page });
}

/**
 * The patients whose alerts these messages may change, so that they must be committed now; null when none. Looks ahead in memory, and names
 * whom it cannot judge there: a state or rules not loaded yet, a reading that is older than what the state holds.
 */
export function patientsAhead({ partition, messages, deps }: ArrivedMessages<Pick<AlertDeps, "engine">>): ReadonlySet<string> | null {
  const [received, rules, expected] = [framesOf(messages), deps.engine.lastRules(), deps.engine.expected(partition)];
  if (!rules) {
    for (const { patientId } of received) expected.patientIds.add(patientId);
    return new Set(expected.patientIds);
  }
  const [known, ahead] = [deps.engine.partition(partition), deps.engine.lookedAhead(partition)];
  for (const { key, judged, frames } of plan(received, rules, 0)) {
    const isReceived = receivedBy(judged) !== undefined;
    for (const { samples } of frames) {
      const state = ahead.get(key) ?? known.get(key)?.state;
      const isKnown = state && (isReceived || !samples.some(({ at }) => needsHistory(state, at)));
      const next = isKnown ? (isReceived ? applyReceived : applySamples)(state, samples, judged) : undefined;
      if (next) ahead.set(key, next.state);
      if (next?.transitions.length === 0) continue;
      expected.patientIds.add(judged.patientId);
      for (const { id } of next?.transitions ?? []) expected.alertIds.add(id);
    }
  }
  return expected.patientIds.size > 0 ? new Set(expected.patientIds) : null;
}

const framesOf = (messages: readonly ReaderMessage[]): Frame[] => messages.flatMap(({ envelope }) => envelope.frames);

const unknown: Entry = { state: emptyState, trend: [] };

/** Brings states that are not in memory from their rows. */
async function loadMissing(tx: Tx, work: readonly Work[], cache: Map<string, Entry>): Promise<void> {
  const missing = work.filter(({ key }) => !cache.has(key));
  const found = await loadStates(
    tx,
    missing.map(({ judged }) => judged),
  );
  const rows = new Map(found.map((row) => [keyOf(row.patientId, row.ruleId), row]));
  for (const { key, judged } of missing) {
    const row = rows.get(key);
    const due = row?.dueAt === undefined ? {} : { dueAt: row.dueAt };
    if (row) cache.set(key, { ...shown(row), ...due, ...decodeState(row.state, row.tail, judged) });
  }
}

/** Takes the frames of one rule and patient in, in order. Unless one is older than what the state holds, the row needs only the new samples. */
async function judge(
  tx: Tx,
  { rule, clinicId, judged, frames }: Omit<Work, "key">,
  known: Entry,
  closures: readonly { readonly atMs: number }[],
  timersTo: number | undefined,
): Promise<{ entry: Entry; changes: AlertTransition[] }> {
  if (receivedBy(judged)) return judgeReceived({ rule, clinicId, judged, frames }, known, closures, timersTo);
  const changes: AlertTransition[] = [];
  let entry = known;
  // Not after the last reading: a recording that lags behind the clock goes on being judged.
  const { lastAt = Number.POSITIVE_INFINITY } = known;
  const byHand = closures.map(({ atMs }) => ({ samples: [resetAt(Math.min(atMs, lastAt))], receivedAtMs: atMs, traceparent: undefined }));
  for (const { samples: received, receivedAtMs, traceparent } of [...byHand, ...frames]) {
    const samples = fixVersions(received, judged);
    const oldest = Math.min(...samples.map((sample) => sample.at));
    const isOld = needsHistory(entry.state, oldest);
    const before = isOld ? prepend((await takeBlocks(tx, judged, oldest)).map(decodeBlock), entry.state, judged) : entry.state;
    const { state, transitions } = applySamples(before, samples, judged);
    const { tail, ...rest } = entry;
    const isAppended = tail !== undefined && !isOld;
    entry = observe({ ...rest, state, ...(isAppended ? { tail: [...tail, ...samples] } : {}) }, samples);
    const { patientId } = judged;
    for (const transition of transitions) changes.push({ transition, rule, clinicId, patientId, receivedAtMs, traceparent, entry });
  }
  return { entry, changes };
}

/** The same for a rule that judges what was received. @param timersTo deadlines up to here have passed; undefined: there may be more in the log */
function judgeReceived(
  { rule, clinicId, judged, frames }: Omit<Work, "key">,
  known: Entry,
  closures: readonly { readonly atMs: number }[],
  timersTo: number | undefined,
): { entry: Entry; changes: AlertTransition[] } {
  const changes: AlertTransition[] = [];
  const { patientId } = judged;
  let { state, lastAt } = known;
  const byHand = closures.map(({ atMs }) => ({ samples: [resetAt(atMs)], receivedAtMs: atMs, traceparent: undefined }));
  const isLive = frames.at(-1)?.isLive ?? known.dueAt !== undefined;
  const passed = timersTo !== undefined && isLive ? [{ samples: [], receivedAtMs: timersTo, traceparent: undefined }] : [];
  for (const { samples, receivedAtMs, traceparent } of [...byHand, ...frames, ...passed]) {
    const next = applyReceived(state, samples, judged, samples.length > 0 ? undefined : receivedAtMs);
    if (next.state !== state) lastAt = samples.findLast(({ kind }) => kind === undefined)?.at ?? lastAt;
    state = next.state;
    const lastValue = state.base.judged?.[1];
    // An alert that ends keeps the value it was about: what is judged now is that all is well.
    const value = lastValue === undefined || state.base.phase !== "open" ? {} : { lastValue };
    const entry = { trend: [], ...(lastAt === undefined ? {} : { lastAt }), ...value };
    for (const transition of next.transitions) changes.push({ transition, rule, clinicId, patientId, receivedAtMs, traceparent, entry });
  }
  // A deadline that passed and decided nothing, as of a rule that is switched off, is none any more.
  const due = isLive ? dueOf(state, judged) : undefined;
  const dueAt = due !== undefined && (timersTo === undefined || due > timersTo) ? due : undefined;
  if (state === known.state && dueAt === known.dueAt) return { entry: known, changes };
  const [judgedAt, lastValue] = [lastAt, state.base.judged?.[1]];
  const seen = judgedAt === undefined || lastValue === undefined ? {} : { lastAt: judgedAt, lastValue };
  return { entry: { state, trend: [], ...seen, ...(dueAt === undefined ? {} : { dueAt }) }, changes };
}

/** Most deadlines of one transaction: it holds the feed's cursor meanwhile. */
const mostTimers = 200;

/** Adds the rules and patients whose deadlines have passed. */
async function addDue(
  { tx, partition, deps, now }: Pick<ReaderContext<AlertDeps>, "tx" | "partition" | "deps" | "now">,
  work: Work[],
  rules: Rules,
): Promise<void> {
  if (!deps.engine.hasTimers(partition)) deps.engine.loadTimers(partition, await loadDue(tx), deps.feed.engine.partitions);
  const known = new Set(work.map(({ key }) => key));
  const find = (ruleId: string) =>
    rules
      .values()
      .find(({ byId }) => byId.has(ruleId))
      ?.byId.get(ruleId);
  for (const [key, { patientId, ruleId, dueAt }] of deps.engine.timersDue(partition, now).slice(0, mostTimers)) {
    const rule = find(ruleId);
    if (!rule || known.has(key)) continue;
    const { clinicId } = rule.stored;
    const stands = rulesFor({ clinicId, patientId, receivedAtMs: dueAt }, rules).includes(rule);
    // A rule in whose place another stands by then is as one that is switched off.
    const versions = stands ? rule.versions : rule.versions.map((version) => ({ ...version, enabled: false }));
    const judged = { patientId, ruleId: rule.id, versions };
    work.push({ key, rule, clinicId: rule.stored.clinicId, judged, frames: [] });
  }
}

/** True when a deadline of the partition has passed, or nobody has looked yet whether there are any. */
export function isTimeDue({ partition, deps, now }: { partition: number; deps: Pick<AlertDeps, "engine">; now: number }): boolean {
  return !deps.engine.hasTimers(partition) || deps.engine.timersDue(partition, now).length > 0;
}

/** What consoles see of a state besides its alerts. */
function shown({ trend, lastAt, lastValue }: Pick<Entry, "trend" | "lastAt" | "lastValue">) {
  return { trend, ...(lastAt === undefined || lastValue === undefined ? {} : { lastAt, lastValue }) };
}

function resetAt(at: number): Sample {
  return { at, value: 0, received: at, source: "hand", kind: "reset" };
}

function plan(frames: readonly Frame[], byClinic: Rules, now: number): Work[] {
  const work = new Map<string, Work>();
  for (const frame of frames) {
    for (const rule of rulesFor(frame, byClinic)) {
      const samples = samplesOf(frame, rule);
      if (samples.length === 0) continue;
      const key = keyOf(frame.patientId, rule.id);
      const judged = { patientId: frame.patientId, ruleId: rule.id, versions: rule.versions };
      const entry = work.get(key) ?? { key, rule, clinicId: frame.clinicId, judged, frames: [] };
      const isLive = frame.kind !== "replay" || now - frame.receivedAtMs <= latenessMs;
      entry.frames.push({ samples, receivedAtMs: frame.receivedAtMs, traceparent: frame.traceparent, isLive });
      work.set(key, entry);
    }
  }
  return [...work.values()];
}

/** Readings of the rule's signals, whatever their code; implausible ones are counted, not judged. */
function samplesOf(frame: Frame, rule: LiveRule): Sample[] {
  const { receivedAtMs } = frame;
  const received = rule.versions.at(-1)?.received;
  if (received) {
    const value = received.of(frame);
    return value === undefined ? [] : [{ at: receivedAtMs, value, received: receivedAtMs, source: frame.deviceId }];
  }
  const signals = rule.versions.at(-1)?.signals ?? [];
  return frame.readings.flatMap(([code, readingSignal, value, at, flag]) =>
    signals.includes(readingSignal)
      ? [
          {
            at,
            value,
            received: receivedAtMs,
            source: sourceOf(frame.deviceId, code),
            ...(isWithheld(flag) ? { kind: "rejected" as const } : {}),
          },
        ]
      : [],
  );
}

/** What is shown beside an alert: what the rule judged last, where that is not the reading itself, and when it was last read. */
function observe(entry: Entry, samples: readonly Sample[]): Entry {
  let { trend, lastAt = Number.NEGATIVE_INFINITY, lastValue } = entry;
  const { memory, judged } = entry.state.end;
  for (const { at, value, kind } of samples) {
    if (kind !== undefined) continue;
    if (memory === undefined) trend = addToTrend(trend, at, value);
    if (memory === undefined && at >= lastAt) lastValue = value;
    lastAt = Math.max(lastAt, at);
  }
  if (memory !== undefined && judged) {
    trend = addToTrend(trend, ...judged);
    lastValue = judged[1];
  }
  // Before the first usable reading there is nothing to show.
  return { ...entry, trend, ...(lastValue === undefined || lastAt === Number.NEGATIVE_INFINITY ? {} : { lastAt, lastValue }) };
}
