import type { AlertId } from "@episante/contracts/ids";
import type { Severity } from "@episante/contracts/rule";
import { alertId } from "./alert-id.ts";
import { type CompiledRule, type Episode, emptyFold, type Fold, type Sample, step, versionAt } from "./episode.ts";
import { isMoreSevere } from "./lifecycle.ts";

/** Samples younger than this (event time, ms) always stay in the state; older ones go to blocks. */
export const keepMs = 120_000;
const cutWhenMs = 240_000;
const blockSamples = 1000;

/** An episode the outside already knows. */
export interface Published {
  readonly id: AlertId;
  readonly episode: Episode;
}

/**
 * State of one rule for one patient: the fold up to `baseAt`, and the samples after it. A late sample is put in its place and the tail folded again.
 * `end` and `closed` are derived from the rest.
 */
export interface EngineState {
  readonly baseAt?: number;
  readonly base: Fold;
  readonly samples: readonly Sample[];
  readonly published: readonly Published[];
  readonly end: Fold;
  readonly closed: readonly Episode[];
}

/** Older samples cut off a state: put back with `prepend` when an even older reading arrives. */
export interface Block {
  readonly fromAt: number;
  readonly toAt: number;
  readonly baseAt?: number;
  readonly base: Fold;
  readonly samples: readonly Sample[];
  readonly published: readonly Published[];
}

export type Transition =
  | { readonly kind: "raised"; readonly id: AlertId; readonly episode: Episode }
  | {
      readonly kind: "changed" | "worsened" | "paged" | "resolved" | "reopened";
      readonly id: AlertId;
      readonly episode: Episode;
      readonly before: Episode;
    }
  | { readonly kind: "withdrawn"; readonly id: AlertId; readonly episode: Episode; readonly reason: "re-derived" | "merged" };

export interface RuleFor {
  readonly patientId: string;
  readonly ruleId: string;
  /** Ascending by `fromMs`, at least one. */
  readonly versions: readonly CompiledRule[];
}

export const emptyState: EngineState = { base: emptyFold, samples: [], published: [], end: emptyFold, closed: [] };

/** True when the sample is older than what the state still holds: blocks must be put back first. */
export function needsHistory(state: EngineState, at: number): boolean {
  return state.baseAt !== undefined && at <= state.baseAt;
}

/** Samples with the rule version that judges them, fixed now: a version published later changes nothing already taken in. */
export function fixVersions(samples: readonly Sample[], { versions }: RuleFor): Sample[] {
  return samples.map((sample) => ({ ...sample, version: sample.version ?? versionAt(versions, sample.received)?.version ?? 0 }));
}

/** Takes samples into a state, in any order, without saying what changed. Those older than the state's base are left out. */
export function takeIn(state: EngineState, incoming: readonly Sample[], rule: RuleFor): EngineState {
  const samples = state.samples.slice();
  let { end } = state;
  const closed = state.closed.slice();
  let inOrder = true;
  for (const instant of instantsOf(fixVersions(incoming, rule))) {
    const [first] = instant;
    if (!first || needsHistory(state, first.at)) continue;
    const last = samples.at(-1);
    if (!last || last.at < first.at) {
      samples.push(...instant);
      if (inOrder) end = takeInstant(end, instant, rule, closed);
    } else for (const sample of instant) if (insert(samples, sample)) inOrder = false;
  }
  return { ...state, samples, ...(inOrder ? { end, closed } : foldAll(state.base, samples, rule)) };
}

/** Samples in time order, those of one instant together, in their order and without duplicates. */
function instantsOf(samples: readonly Sample[]): Sample[][] {
  const instants: Sample[][] = [];
  for (const sample of samples.length > 1 ? samples.toSorted((a, b) => a.at - b.at) : samples) {
    const last = instants.at(-1);
    if (last?.[0]?.at === sample.at) insert(last, sample);
    else instants.push([sample]);
  }
  return instants;
}

/**
 * The one decision: takes the samples of one frame, in any order, and says which alerts appear, change or end.
 * The result depends only on the samples' times, values and receive times: live, after a restart and in a backtest it is the same.
 * Samples older than the state's base are left out: put blocks back first.
 */
export function applySamples(
  state: EngineState,
  incoming: readonly Sample[],
  rule: RuleFor,
): { state: EngineState; transitions: Transition[] } {
  return publish(takeIn(state, incoming, rule), rule);
}

/** Folds the samples of one instant: together, per rule version, when the rule reads several signals; one by one when it reads one. */
function takeInstant(before: Fold, instant: readonly Sample[], rule: RuleFor, closed: Episode[]): Fold {
  let fold = before;
  for (let from = 0; from < instant.length; ) {
    const first = instant[from];
    const version = rule.versions.find((one) => one.version === first?.version);
    let to = from + 1;
    if (version && version.signals.length > 1 && first?.kind !== "reset")
      while (to < instant.length && instant[to]?.version === version.version && instant[to]?.kind !== "reset") to++;
    if (version) {
      const next = step(fold, instant.slice(from, to), version);
      if (next.closed) closed.push(next.closed);
      fold = next.fold;
    }
    from = to;
  }
  return fold;
}

function foldAll(base: Fold, samples: readonly Sample[], rule: RuleFor): { end: Fold; closed: Episode[] } {
  const closed: Episode[] = [];
  let end = base;
  for (let from = 0; from < samples.length; ) {
    let to = from + 1;
    while (samples[to]?.at === samples[from]?.at) to++;
    end = takeInstant(end, samples.slice(from, to), rule, closed);
    from = to;
  }
  return { end, closed };
}

/** Puts a sample in its place; false for a duplicate. The same source and time with another value is a correction and replaces the old one. */
function insert(samples: Sample[], sample: Sample): boolean {
  let index = lowerBound(samples, sample.at);
  for (let known = index; samples[known]?.at === sample.at; known++) {
    const other = samples[known];
    if (other?.source !== sample.source) continue;
    if (other.value === sample.value && other.kind === sample.kind) return false;
    samples.splice(known, 1);
    break;
  }
  for (let other = samples[index]; other && other.at === sample.at && comesBefore(other, sample); other = samples[index]) index++;
  samples.splice(index, 0, sample);
  return true;
}

function lowerBound(samples: readonly Sample[], at: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Order of samples of one instant: by value, so that sources need no order of their own; a reset comes last. */
function comesBefore(a: Sample, b: Sample): boolean {
  if ((a.kind === "reset") !== (b.kind === "reset")) return b.kind === "reset";
  return a.value === b.value ? a.source < b.source : a.value < b.value;
}

/** Episodes the fold knows of: those that ended after the base, and the open one. */
export function episodesOf(state: Pick<EngineState, "end" | "closed">): readonly Episode[] {
  return state.end.phase === "open" ? [...state.closed, state.end.episode] : state.closed;
}

/** Endings before openings: the store allows one open alert per patient and rule at any moment. */
function endingsFirst(transitions: Transition[]): Transition[] {
  const isEnding = ({ kind }: Transition) => kind === "withdrawn" || kind === "resolved";
  return [...transitions.filter(isEnding), ...transitions.filter((transition) => !isEnding(transition))];
}

/** Compares what is published with what is now known. An episode keeps its id while it overlaps the published one. */
export function publish(state: EngineState, rule: RuleFor): { state: EngineState; transitions: Transition[] } {
  const episodes = episodesOf(state);
  if (episodes.length === 0 && state.published.length === 0) return { state, transitions: [] };
  const transitions: Transition[] = [];
  const published: Published[] = [];
  const left = [...episodes];
  for (const known of state.published) {
    const index = left.findIndex((episode) => overlaps(episode, known.episode));
    const found = left[index];
    if (!found) {
      const merged = published.some((other) => overlaps(other.episode, known.episode));
      transitions.push({ kind: "withdrawn", id: known.id, episode: known.episode, reason: merged ? "merged" : "re-derived" });
      continue;
    }
    left.splice(index, 1);
    const episode = known.episode.paged ? { ...found, paged: true } : found;
    published.push({ id: known.id, episode });
    const kind = changeOf(known.episode, episode, rule);
    if (kind) transitions.push({ kind, id: known.id, episode, before: known.episode });
  }
  for (const episode of left) {
    const id = alertId(rule.patientId, rule.ruleId, episode.onsetAt);
    published.push({ id, episode });
    transitions.push({ kind: "raised", id, episode });
  }
  const sorted = published.sort((a, b) => a.episode.onsetAt - b.episode.onsetAt);
  return { state: { ...state, published: sorted }, transitions: endingsFirst(transitions) };
}

/** True when two episodes share an instant. */
export function overlaps(a: Episode, b: Episode): boolean {
  return a.onsetAt <= (b.clearedAt ?? Number.POSITIVE_INFINITY) && b.onsetAt <= (a.clearedAt ?? Number.POSITIVE_INFINITY);
}

function changeOf(before: Episode, after: Episode, rule: RuleFor): Exclude<Transition["kind"], "raised" | "withdrawn"> | undefined {
  if (before.clearedAt !== undefined && after.clearedAt === undefined) return "reopened";
  if (before.clearedAt === undefined && after.clearedAt !== undefined) return "resolved";
  if (!before.paged && after.paged) return "paged";
  const [severity, now] = [severityOf(before, rule), severityOf(after, rule)];
  if (isMoreSevere(now, severity)) return "worsened";
  const same = before.onsetAt === after.onsetAt && before.firedAt === after.firedAt && before.clearedAt === after.clearedAt;
  return same && now === severity && isSameReason(before, after) ? undefined : "changed";
}

/** The severity an episode has reached: its own, or that of the rule's version that raised it. */
export function severityOf({ severity, version }: Episode, { versions }: Pick<RuleFor, "versions">): Severity {
  return severity ?? versions.find((one) => one.version === version)?.severity ?? "notice";
}

function isSameReason(before: Episode, after: Episode): boolean {
  if (before.finding === after.finding) return true;
  return JSON.stringify(before.finding) === JSON.stringify(after.finding);
}

/** Cuts samples that are older than `keepMs` off a state that has grown long. Nothing the state decides changes by it. */
export function trim(state: EngineState, rule: RuleFor): { state: EngineState; blocks: Block[] } {
  const first = state.samples[0];
  const last = state.samples.at(-1);
  if (!first || !last || last.at - first.at <= cutWhenMs) return { state, blocks: [] };
  const blocks: Block[] = [];
  let rest = state;
  let end = lowerBound(rest.samples, last.at - keepMs);
  while (end > 0) {
    const cut = cutOff(rest, lengthOfCut(rest.samples, Math.min(end, blockSamples)), rule);
    if (!cut) break;
    blocks.push(cut.block);
    rest = cut.state;
    end = lowerBound(rest.samples, last.at - keepMs);
  }
  return { state: rest, blocks };
}

/** Never splits samples of one instant. */
function lengthOfCut(samples: readonly Sample[], wanted: number): number {
  let length = wanted;
  while (length < samples.length && samples[length]?.at === samples[length - 1]?.at) length++;
  return length;
}

function cutOff(state: EngineState, length: number, rule: RuleFor): { state: EngineState; block: Block } | undefined {
  const cut = state.samples.slice(0, length);
  const samples = state.samples.slice(length);
  const from = cut[0];
  const to = cut.at(-1);
  if (!from || !to) return undefined;
  const { end: base } = foldAll(state.base, cut, rule);
  const ended = (known: Published) => known.episode.clearedAt !== undefined && known.episode.clearedAt <= to.at;
  const block = {
    ...withBase(state.baseAt),
    fromAt: from.at,
    toAt: to.at,
    base: state.base,
    samples: cut,
    published: state.published.filter(ended),
  };
  return {
    block,
    state: {
      baseAt: to.at,
      base,
      samples,
      published: state.published.filter((known) => !ended(known)),
      end: state.end,
      closed: state.closed.filter((episode) => episode.clearedAt === undefined || episode.clearedAt > to.at),
    },
  };
}

function withBase(baseAt: number | undefined): { baseAt?: number } {
  return baseAt === undefined ? {} : { baseAt };
}

/** Puts blocks (ascending, adjoining the state) back in front of a state. */
export function prepend(blocks: readonly Block[], state: EngineState, rule: RuleFor): EngineState {
  const first = blocks[0];
  if (!first) return state;
  const samples = [...blocks.flatMap((block) => block.samples), ...state.samples];
  const published = [...blocks.flatMap((block) => block.published), ...state.published];
  return { ...withBase(first.baseAt), base: first.base, samples, published, ...foldAll(first.base, samples, rule) };
}

/** The state read back from `base`, `samples` and `published`. */
export function restore(stored: Omit<EngineState, "end" | "closed">, rule: RuleFor): EngineState {
  return { ...stored, ...foldAll(stored.base, stored.samples, rule) };
}
