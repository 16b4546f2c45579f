import type { RuleBody, Severity } from "@episante/contracts/rule";
import { type Signal, signalOf, signals, toCanonical } from "@episante/contracts/signals";

/** A reading older than this when it was received never pages by itself. Milliseconds. */
export const latenessMs = 120_000;

/** One reading of the rule's signal, in the canonical unit. Times are milliseconds since the epoch. */
export interface Sample {
  readonly at: number;
  readonly value: number;
  /** Receive time: the frame's, never this machine's clock. */
  readonly received: number;
  /** Device and code: with `at` the identity of a reading. */
  readonly source: string;
  /** `rejected`: implausible, counted but neither true nor false. `reset`: the alert was closed by hand at `at`. */
  readonly kind?: "rejected" | "reset";
  /** Rule version that judges it, fixed when the engine takes it in: a version published later changes nothing that was already judged. */
  readonly version?: number;
}

/** A threshold rule with values in the signal's canonical unit and times in milliseconds. */
export interface CompiledRule {
  readonly version: number;
  /** Receive time from which this version judges. */
  readonly fromMs: number;
  readonly enabled: boolean;
  readonly signal: Signal;
  readonly op: RuleBody["op"];
  readonly value: number;
  readonly holdMs: number;
  readonly gapMs: number;
  readonly clearValue: number;
  readonly clearMs: number;
  readonly severity: Severity;
}

/** One alert as the rule sees it. Onset, firing and clearing are event times. */
export interface Episode {
  readonly onsetAt: number;
  readonly firedAt: number;
  readonly clearedAt?: number;
  /** A reading young enough to page has found it true. */
  readonly paged: boolean;
  readonly version: number;
  /** Value of the reading that completed the hold. */
  readonly value: number;
  readonly used: number;
  readonly rejected: number;
  /** Receive time minus device time of the reading that completed the hold, ms. */
  readonly delayMs: number;
}

/** What in-order reading has led to. */
export type Fold =
  | { readonly phase: "idle"; readonly version: number }
  | {
      readonly phase: "pending";
      readonly version: number;
      readonly onsetAt: number;
      readonly lastAt: number;
      readonly used: number;
      readonly rejected: number;
    }
  | { readonly phase: "open"; readonly version: number; readonly episode: Episode; readonly clearSince?: number };

export const emptyFold: Fold = { phase: "idle", version: 0 };

/** A rule in canonical units, or why it cannot be: unknown code, wrong unit, or a clear level on the alarming side. */
export function compileRule(
  body: RuleBody,
  meta: { version: number; fromMs: number; enabled: boolean },
): CompiledRule | "unknown-code" | "unknown-unit" | "clear-inside" {
  const signal = signalOf(body.code);
  if (!signal) return "unknown-code";
  const value = toCanonical(signal, body.value, body.unit);
  const clearValue = body.clear ? toCanonical(signal, body.clear.value, body.unit) : value;
  if (value === undefined || clearValue === undefined) return "unknown-unit";
  if (isBelow(body.op) ? clearValue < value : clearValue > value) return "clear-inside";
  return {
    ...meta,
    signal,
    op: body.op,
    value,
    holdMs: body.holdSeconds * 1000,
    gapMs: body.gapSeconds * 1000,
    clearValue,
    clearMs: (body.clear?.seconds ?? 0) * 1000,
    severity: body.severity,
  };
}

function isBelow(op: RuleBody["op"]): boolean {
  return op === "<" || op === "<=";
}

function compare(op: RuleBody["op"], value: number, limit: number): boolean {
  if (op === "<") return value < limit;
  if (op === "<=") return value <= limit;
  if (op === ">") return value > limit;
  return value >= limit;
}

/** Unit the rule's canonical values are in. */
export function unitOf(rule: CompiledRule): string {
  return signals[rule.signal].unit;
}

/** The version that judges a reading received at the given time: the last one in force, or the first of all for earlier readings. */
export function versionAt(versions: readonly CompiledRule[], receivedMs: number): CompiledRule | undefined {
  let found = versions[0];
  for (const version of versions) if (version.fromMs <= receivedMs) found = version;
  return found;
}

/**
 * Takes one sample in time order. A hole longer than the gap limit resets a pending hold; it neither closes an alert nor restarts a clear delay.
 * Under another rule version a hold or a clear delay begins anew; an open alert stays open.
 */
export function step(before: Fold, sample: Sample, rule: CompiledRule): { fold: Fold; closed?: Episode } {
  if (sample.kind === "reset") {
    if (before.phase !== "open") return { fold: { phase: "idle", version: before.version } };
    return { fold: { phase: "idle", version: before.version }, closed: { ...before.episode, clearedAt: sample.at } };
  }
  if (!rule.enabled || Number.isNaN(sample.value)) return { fold: before };
  if (sample.kind === "rejected") return { fold: countRejected(before) };
  const fold = underVersion(before, rule.version);
  return fold.phase === "open" ? stepOpen(fold, sample, rule) : { fold: stepPending(fold, sample, rule) };
}

function countRejected(fold: Fold): Fold {
  return fold.phase === "pending" ? { ...fold, rejected: fold.rejected + 1 } : fold;
}

function underVersion(fold: Fold, version: number): Fold {
  if (fold.version === version) return fold;
  return fold.phase === "open" ? { phase: "open", version, episode: fold.episode } : { phase: "idle", version };
}

function stepPending(fold: Exclude<Fold, { phase: "open" }>, sample: Sample, rule: CompiledRule): Fold {
  if (!compare(rule.op, sample.value, rule.value)) return fold.phase === "idle" ? fold : { phase: "idle", version: fold.version };
  const held = fold.phase === "pending" && sample.at - fold.lastAt <= rule.gapMs ? fold : undefined;
  const onsetAt = held?.onsetAt ?? sample.at;
  const used = (held?.used ?? 0) + 1;
  const rejected = held?.rejected ?? 0;
  if (sample.at - onsetAt < rule.holdMs) return { phase: "pending", version: rule.version, onsetAt, lastAt: sample.at, used, rejected };
  const delayMs = sample.received - sample.at;
  const paged = delayMs <= latenessMs;
  const episode = { onsetAt, firedAt: sample.at, paged, version: rule.version, value: sample.value, used, rejected, delayMs };
  return { phase: "open", version: rule.version, episode };
}

function stepOpen(fold: Extract<Fold, { phase: "open" }>, sample: Sample, rule: CompiledRule): { fold: Fold; closed?: Episode } {
  if (compare(rule.op, sample.value, rule.clearValue)) {
    const paged = fold.episode.paged || sample.received - sample.at <= latenessMs;
    if (paged === fold.episode.paged && fold.clearSince === undefined) return { fold };
    return { fold: { phase: "open", version: fold.version, episode: { ...fold.episode, paged } } };
  }
  const clearSince = fold.clearSince ?? sample.at;
  if (sample.at - clearSince < rule.clearMs) return { fold: fold.clearSince === undefined ? { ...fold, clearSince } : fold };
  return { fold: { phase: "idle", version: fold.version }, closed: { ...fold.episode, clearedAt: sample.at } };
}
