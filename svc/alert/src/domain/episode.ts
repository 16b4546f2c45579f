import type { Frame } from "@episante/contracts/envelope";
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
  /**
   * `rejected`: implausible, counted but neither true nor false. `reset`: the alert was closed by hand at `at`. `timer`: no reading, a deadline of
   * what the rule remembers.
   */
  readonly kind?: "rejected" | "reset" | "timer";
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

/** A severity that an open alert reaches by lasting, counted from its firing. */
export interface Lasting {
  readonly severity: Severity;
  readonly afterMs: number;
}

/** How a rule reads what frames say of devices, at the time they were received and in that order, instead of readings by their own time. */
export interface Received<Memory> {
  /** Signals whose stored readings tell the same; absent: what it judges is not stored. */
  readonly signals?: readonly Signal[];
  /** What a frame says; undefined: nothing to this rule. */
  of(frame: Frame): number | undefined;
  /** The next instant after `at` (ms) at which what is remembered means something else although nothing comes. */
  dueAt(memory: Memory, at: number): number | undefined;
  /** What is still remembered when the alert was closed by hand; absent: nothing. */
  afterReset?(memory: Memory): Memory;
}

/** A rule in canonical units and milliseconds: what a kind makes of a rule's body. */
export interface Judgement<Memory> {
  /** Absent: clinical. */
  readonly class?: "technical";
  readonly received?: Received<Memory>;
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
  /** The highest it raises by itself; steps may make it worse. */
  readonly severity: Severity;
  /** The mildest first. */
  readonly lasting?: readonly Lasting[];
  readonly shown: Shown;
}

/** A version of a rule as the engine judges by it. */
export interface CompiledRule extends Judgement<unknown> {
  readonly kind: RuleBody["kind"];
  readonly version: number;
  /** Receive time from which this version judges. */
  readonly fromMs: number;
  readonly enabled: boolean;
  /** The wider rule in whose place it stands for its patients. */
  readonly replaces?: string;
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
  /** The longest stretch for which the condition was met without interruption, ms: the longest hold that would still have raised it. */
  readonly longestMs?: number;
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
  | {
      readonly phase: "open";
      readonly version: number;
      readonly episode: Episode;
      readonly clearSince?: number;
      /** The stretch under way for which the condition is met. */
      readonly firing?: readonly [since: number, lastAt: number];
      /** For how long it has held since it fired, and the last reading if that held; kept where the rule has steps by time. */
      readonly lasted?: { readonly ms: number; readonly at?: number };
    }
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
    const memory = before.memory === undefined ? undefined : rule.received?.afterReset?.(before.memory);
    const fold: Fold = { phase: "idle", version: before.version, ...(memory === undefined ? {} : { memory }) };
    return before.phase === "open" ? { fold, closed: { ...before.episode, clearedAt: last.at } } : { fold };
  }
  if (!rule.enabled) return { fold: before };
  const { memory, verdict } = rule.judge(before.memory, samples);
  const counted = countRejected(before, samples);
  if (!verdict) return { fold: memory === undefined || memory === before.memory ? counted : { ...counted, memory } };
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
  const longestMs = at - onsetAt;
  const episode = { onsetAt, firedAt: at, paged, version, value: verdict.value, used, rejected, delayMs, longestMs, ...reasonOf(verdict) };
  return { phase: "open", version, episode, firing: [onsetAt, at], ...(rule.lasting ? { lasted: { ms: 0, at } } : {}), ...kept };
}

function reasonOf({ severity, finding }: Verdict): Pick<Episode, "severity" | "finding"> {
  return { ...(severity ? { severity } : {}), ...(finding ? { finding: finding() } : {}) };
}

function stepOpen(fold: Extract<Fold, { phase: "open" }>, instant: Instant, rule: CompiledRule): { fold: Fold; closed?: Episode } {
  const { at, verdict, kept } = instant;
  const { version, episode: before, firing: firingBefore, lasted: lastedBefore } = fold;
  const firing = firingAt(firingBefore, at, verdict, rule);
  const stretchMs = firing ? at - firing[0] : 0;
  const longer = { ...before, longestMs: Math.max(before.longestMs ?? 0, stretchMs) };
  const along = { version, ...(firing ? { firing } : {}), ...kept };
  if (verdict.holds) {
    const lasted = rule.lasting && lastTo(lastedBefore, at, rule.gapMs);
    const episode = worsen(longer, instant, rule, lasted?.ms);
    return { fold: { phase: "open", ...along, episode, ...(lasted ? { lasted } : {}) } };
  }
  const clearSince = fold.clearSince ?? at;
  if (at - clearSince >= rule.clearMs) return { fold: { phase: "idle", version, ...kept }, closed: { ...before, clearedAt: at } };
  return { fold: { phase: "open", ...along, episode: before, clearSince, ...(lastedBefore ? { lasted: { ms: lastedBefore.ms } } : {}) } };
}

/** The stretch for which the condition is met goes on, begins anew after a hole, or is over. */
function firingAt(
  firing: readonly [since: number, lastAt: number] | undefined,
  at: number,
  { fires }: Verdict,
  { gapMs }: CompiledRule,
): readonly [since: number, lastAt: number] | undefined {
  if (!fires) return undefined;
  return firing && at - firing[1] <= gapMs ? [firing[0], at] : [at, at];
}

/** Time between two readings that both hold, unless there is a hole between them. */
function lastTo(lasted: { readonly ms: number; readonly at?: number } | undefined, at: number, gapMs: number): { ms: number; at: number } {
  const before = lasted ?? { ms: 0 };
  const sinceMs = before.at === undefined ? 0 : at - before.at;
  return { ms: before.ms + (sinceMs <= gapMs ? sinceMs : 0), at };
}

/** An open alert at a reading that holds: it may page now, and it may be worse, by what was judged or by how long it has lasted. */
function worsen(episode: Episode, { at, received, verdict }: Instant, rule: CompiledRule, lastedMs = 0): Episode {
  const paged = episode.paged || received - at <= latenessMs;
  const byTime = rule.lasting?.findLast(({ afterMs }) => afterMs <= lastedMs);
  const reasons = [
    ...(verdict.fires && verdict.severity ? [{ severity: verdict.severity, ...reasonOf(verdict) }] : []),
    ...(byTime ? [{ severity: byTime.severity, finding: lastedFinding(byTime, verdict.value, at) }] : []),
  ];
  let worst: Pick<Episode, "severity" | "finding"> = {};
  for (const reason of reasons) {
    if (isMoreSevere(reason.severity, worst.severity ?? episode.severity ?? rule.severity)) worst = reason;
  }
  return { ...episode, paged, ...worst };
}

function lastedFinding({ severity, afterMs }: Lasting, reading: number, at: number): Finding {
  return { kind: "threshold", step: { severity, afterSeconds: afterMs / 1000 }, reading, at };
}
