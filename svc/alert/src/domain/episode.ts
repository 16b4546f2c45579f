import type { Finding, RuleBody, Severity } from "@episante/contracts/rule";
import type { Signal } from "@episante/contracts/signals";
import { isMoreSevere } from "./lifecycle.ts";

/** A reading older than this when it was received never pages by itself. Milliseconds. */
export const latenessMs = 120_000;

/** One reading of a signal the rule reads, in the canonical unit. Times are milliseconds since the epoch. */
export interface Sample {
  readonly at: number;
  readonly value: number;
  /** Receive time: the frame's, never this machine's clock. */
  readonly received: number;
  /** Device and code, as `sourceOf` writes them: with `at` the identity of a reading. */
  readonly source: string;
  /** `rejected`: implausible, counted but neither true nor false. `reset`: the alert was closed by hand at `at`. */
  readonly kind?: "rejected" | "reset";
  /** Rule version that judges it, fixed when the engine takes it in: a version published later changes nothing that was already judged. */
  readonly version?: number;
}

/** What a rule makes of an instant. Neither `fires` nor `holds` is said of an instant about which nothing is known: then there is no verdict. */
export interface Verdict {
  /** The condition to raise an alert is met. */
  readonly fires: boolean;
  /** The condition to end one is not met. */
  readonly holds: boolean;
  /** What was judged, in the unit of the rule's `shown`. */
  readonly value: number;
  /** Of this instant; absent: the rule's. */
  readonly severity?: Severity;
  /** When what is true now began, where that was before this instant. */
  readonly since?: number;
  /** Readings behind it; absent: one. */
  readonly used?: number;
  /** Why, asked only of verdicts that raise or worsen an alert. */
  readonly finding?: () => Finding;
}

/** What an alert of the rule is about: `value` and `threshold` in `unit`. */
export interface Shown {
  readonly code: string;
  readonly signal: string;
  readonly unit: string;
  readonly op: string;
  readonly threshold: number;
  readonly clearValue: number;
}

/** A rule in canonical units and milliseconds: what a kind makes of a rule's body. */
export interface Judgement<Memory> {
  /** Signals it reads. Readings of one instant are judged together when there are several. */
  readonly signals: readonly Signal[];
  /** Judges readings of one instant after all before it. `memory` is what it returned for the instant before, and must survive JSON. */
  judge(
    memory: Memory | undefined,
    samples: readonly Sample[],
  ): { readonly memory?: Memory | undefined; readonly verdict?: Verdict | undefined };
  readonly holdMs: number;
  readonly gapMs: number;
  readonly clearMs: number;
  /** The highest it raises. */
  readonly severity: Severity;
  readonly shown: Shown;
}

/** A version of a rule as the engine judges by it. */
export interface CompiledRule extends Judgement<unknown> {
  readonly kind: RuleBody["kind"];
  readonly version: number;
  /** Receive time from which this version judges. */
  readonly fromMs: number;
  readonly enabled: boolean;
}

/** One alert as the rule sees it. Onset, firing and clearing are event times. */
export interface Episode {
  readonly onsetAt: number;
  readonly firedAt: number;
  readonly clearedAt?: number;
  /** A reading young enough to page has found it true. */
  readonly paged: boolean;
  readonly version: number;
  /** What was judged when the hold was complete. */
  readonly value: number;
  readonly used: number;
  readonly rejected: number;
  /** Receive time minus device time of the reading that completed the hold, ms. */
  readonly delayMs: number;
  /** The highest it has reached; absent: the rule's. */
  readonly severity?: Severity;
  /** Why, as of the instant it fired or last became worse. */
  readonly finding?: Finding;
}

/** What in-order reading has led to. */
export type Fold = (
  | { readonly phase: "idle"; readonly version: number }
  | {
      readonly phase: "pending";
      readonly version: number;
      readonly onsetAt: number;
      readonly lastAt: number;
      readonly used: number;
      readonly rejected: number;
    }
  | { readonly phase: "open"; readonly version: number; readonly episode: Episode; readonly clearSince?: number }
) &
  Remembered;

/** What a rule that looks at more than the newest reading keeps of those before, and what it judged last. */
interface Remembered {
  readonly memory?: unknown;
  readonly judged?: readonly [at: number, value: number];
}

export const emptyFold: Fold = { phase: "idle", version: 0 };

/** Name of a reading's source. @param from the device, or whatever else tells two sources of one code apart */
export function sourceOf(from: string, code: string): string {
  return `${from}|${code}`;
}

/** The code in a source's name. */
export function codeOf(source: string): string {
  return source.slice(source.lastIndexOf("|") + 1);
}

/** True for a reading that says something: neither implausible nor NaN. */
export function isUsable({ kind, value }: Sample): boolean {
  return kind === undefined && !Number.isNaN(value);
}

/** The version that judges a reading received at the given time: the last one in force, or the first of all for earlier readings. */
export function versionAt(versions: readonly CompiledRule[], receivedMs: number): CompiledRule | undefined {
  let found = versions[0];
  for (const version of versions) if (version.fromMs <= receivedMs) found = version;
  return found;
}

/**
 * Takes readings of one instant, in time order. A hole longer than the gap limit resets a pending hold; it neither closes an alert nor restarts a
 * clear delay. Under another rule version a hold or a clear delay begins anew; an open alert stays open. Closed by hand, what was seen counts no more.
 */
export function step(before: Fold, samples: readonly Sample[], rule: CompiledRule): { fold: Fold; closed?: Episode } {
  const last = samples.at(-1);
  if (!last) return { fold: before };
  if (last.kind === "reset") {
    const fold: Fold = { phase: "idle", version: before.version };
    return before.phase === "open" ? { fold, closed: { ...before.episode, clearedAt: last.at } } : { fold };
  }
  if (!rule.enabled) return { fold: before };
  const { memory, verdict } = rule.judge(before.memory, samples);
  const counted = countRejected(before, samples);
  if (!verdict) return { fold: memory === undefined ? counted : { ...counted, memory } };
  const kept: Remembered = memory === undefined ? {} : { memory, judged: [last.at, verdict.value] };
  const fold = underVersion(counted, rule.version);
  const instant = { at: last.at, received: last.received, verdict, kept };
  return fold.phase === "open" ? stepOpen(fold, instant, rule) : { fold: stepPending(fold, instant, rule) };
}

/** A verdict with its times, and what the rule remembers after it. */
interface Instant {
  readonly at: number;
  readonly received: number;
  readonly verdict: Verdict;
  readonly kept: Remembered;
}

function countRejected(fold: Fold, samples: readonly Sample[]): Fold {
  if (fold.phase !== "pending") return fold;
  const rejected = samples.reduce((sum, { kind }) => sum + (kind === "rejected" ? 1 : 0), 0);
  return rejected === 0 ? fold : { ...fold, rejected: fold.rejected + rejected };
}

function underVersion(fold: Fold, version: number): Fold {
  if (fold.version === version) return fold;
  return fold.phase === "open" ? { phase: "open", version, episode: fold.episode } : { phase: "idle", version };
}

function stepPending(fold: Exclude<Fold, { phase: "open" }>, { at, received, verdict, kept }: Instant, rule: CompiledRule): Fold {
  const { version } = rule;
  if (!verdict.fires) return { phase: "idle", version, ...kept };
  const held = fold.phase === "pending" && at - fold.lastAt <= rule.gapMs ? fold : undefined;
  const onsetAt = held?.onsetAt ?? verdict.since ?? at;
  const used = held ? held.used + 1 : (verdict.used ?? 1);
  const rejected = held?.rejected ?? 0;
  if (at - onsetAt < rule.holdMs) return { phase: "pending", version, onsetAt, lastAt: at, used, rejected, ...kept };
  const delayMs = received - at;
  const paged = delayMs <= latenessMs;
  const episode = { onsetAt, firedAt: at, paged, version, value: verdict.value, used, rejected, delayMs, ...reasonOf(verdict) };
  return { phase: "open", version, episode, ...kept };
}

function reasonOf({ severity, finding }: Verdict): Pick<Episode, "severity" | "finding"> {
  return { ...(severity ? { severity } : {}), ...(finding ? { finding: finding() } : {}) };
}

function stepOpen(
  fold: Extract<Fold, { phase: "open" }>,
  { at, received, verdict, kept }: Instant,
  rule: CompiledRule,
): { fold: Fold; closed?: Episode } {
  const { version } = fold;
  if (verdict.holds) {
    const paged = fold.episode.paged || received - at <= latenessMs;
    const worse = verdict.fires && verdict.severity !== undefined && isMoreSevere(verdict.severity, fold.episode.severity ?? rule.severity);
    if (!worse && paged === fold.episode.paged && fold.clearSince === undefined && kept.memory === undefined) return { fold };
    return { fold: { phase: "open", version, episode: { ...fold.episode, paged, ...(worse ? reasonOf(verdict) : {}) }, ...kept } };
  }
  const clearSince = fold.clearSince ?? at;
  if (at - clearSince < rule.clearMs) return { fold: { ...fold, clearSince, ...kept } };
  return { fold: { phase: "idle", version, ...kept }, closed: { ...fold.episode, clearedAt: at } };
}
