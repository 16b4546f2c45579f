import { type Frame, partitionOf } from "@episante/contracts/envelope";
import type { Tx } from "@episante/service/db";
import type { EngineState } from "../domain/engine.ts";
import type { Sample } from "../domain/episode.ts";
import { standingRules } from "../domain/layers.ts";
import type { Trend } from "../domain/trend.ts";
import type { StateKey } from "../storage/engine-states.ts";
import type { FeedPage } from "./feed-hub.ts";
import { candidatesFor, type LiveRule, loadLiveRules, type Rules } from "./live-rules.ts";

/** What the engine remembers of one rule for one patient. */
export interface Entry {
  readonly state: EngineState;
  /** What the state took in since its row was written whole; absent while it has to be. */
  readonly tail?: readonly Sample[];
  readonly trend: Trend;
  readonly lastAt?: number;
  readonly lastValue?: number;
  /** When the state decides something although nothing comes, ms; of a recording's states there is none. */
  readonly dueAt?: number;
}

/** A deadline of one rule for one patient. */
export interface Timer extends StateKey {
  readonly dueAt: number;
}

/** What looking ahead found: read with the rest, it saves the transaction a wait. */
export interface Expected {
  readonly patientIds: Set<string>;
  /** Alerts that change and may be there already. */
  readonly alertIds: Set<string>;
}

/** A transaction's changes as the feed learns of them: the cursor they reach, and what consoles may be told without reading. */
export interface Change {
  readonly cursor: number;
  readonly page?: FeedPage | undefined;
}

const mostEntries = 20_000;

/** Name of the state of one rule for one patient. */
export const keyOf = (patientId: string, ruleId: string) => `${patientId}|${ruleId}`;
const patientOf = (key: string) => key.slice(0, key.indexOf("|"));

/** States and rules in memory. The tables are the truth: after a roll-back or a new lease the partition is forgotten and loaded again. */
export class EngineCache {
  private readonly entries = new Map<number, Map<string, Entry>>();
  private readonly ahead = new Map<number, Map<string, EngineState>>();
  private readonly expectations = new Map<number, Expected>();
  private readonly changes = new Map<number, Change>();
  private readonly timers = new Map<number, Map<string, Timer>>();
  private rules: { epoch: string; byClinic: Rules } | undefined;

  partition(partition: number): Map<string, Entry> {
    const known = this.entries.get(partition);
    if (known && known.size <= mostEntries) return known;
    const fresh = new Map<string, Entry>();
    this.entries.set(partition, fresh);
    return fresh;
  }

  /** States with what has been received and not yet been judged in a transaction. Only a guess: a patient's is thrown away by their next one. */
  lookedAhead(partition: number): Map<string, EngineState> {
    const known = this.ahead.get(partition) ?? new Map<string, EngineState>();
    this.ahead.set(partition, known);
    return known;
  }

  forget(partition: number): void {
    this.entries.delete(partition);
    this.ahead.delete(partition);
    this.expectations.delete(partition);
    this.changes.delete(partition);
    this.timers.delete(partition);
  }

  /** Whether the partition's deadlines are in memory. */
  hasTimers(partition: number): boolean {
    return this.timers.has(partition);
  }

  /** Takes in the deadlines of a partition, out of those of all. */
  loadTimers(partition: number, all: readonly Timer[], partitions: number): void {
    const own = all.filter(({ patientId }) => partitionOf(patientId, partitions) === partition);
    this.timers.set(partition, new Map(own.map((timer) => [keyOf(timer.patientId, timer.ruleId), timer])));
  }

  /** The deadline a state has now, or that it has none. While the partition's are not in memory, its row alone says so. */
  setTimer(partition: number, key: string, { dueAt, patientId, ruleId }: StateKey & { readonly dueAt: number | undefined }): void {
    const known = this.timers.get(partition);
    if (dueAt === undefined) known?.delete(key);
    else known?.set(key, { patientId, ruleId, dueAt });
  }

  /** Deadlines that have passed, the earliest first. */
  timersDue(partition: number, now: number): [key: string, timer: Timer][] {
    const known = this.timers.get(partition) ?? new Map<string, Timer>();
    return [...known].filter(([, { dueAt }]) => dueAt <= now).sort(([, a], [, b]) => a.dueAt - b.dueAt);
  }

  /** Whom a look ahead expects the next transaction to be about. Only a guess, as the states it comes from. */
  expected(partition: number): Expected {
    const known = this.expectations.get(partition) ?? { patientIds: new Set<string>(), alertIds: new Set<string>() };
    this.expectations.set(partition, known);
    return known;
  }

  /** What was expected, for the transaction that begins and judges these patients; the next one starts with nothing. */
  takeExpected(partition: number, patientIds: ReadonlySet<string>): Expected {
    const expected = this.expected(partition);
    this.expectations.delete(partition);
    const ahead = this.lookedAhead(partition);
    for (const key of ahead.keys()) if (patientIds.has(patientOf(key))) ahead.delete(key);
    return expected;
  }

  /** The transaction under way moves the feed's cursor. */
  changed(partition: number, change: Change): void {
    this.changes.set(partition, change);
  }

  /** What the partition's last transaction tells the feed, when it changed alerts; asked once, after the commit. */
  takeChanged(partition: number): Change | undefined {
    const change = this.changes.get(partition);
    this.changes.delete(partition);
    return change;
  }

  /** Rules by clinic as of an epoch, loaded when they are not of it. */
  async rulesOf(tx: Tx, epoch: string): Promise<Rules> {
    if (this.rules?.epoch !== epoch) this.rules = { epoch, byClinic: await loadLiveRules(tx) };
    return this.rules.byClinic;
  }

  /** Rules as last loaded: one may have changed since. */
  lastRules(): Rules | undefined {
    return this.rules?.byClinic;
  }
}

/** Rules that judge a frame's patient, as they stood when it was received. */
export function rulesFor(
  { clinicId, patientId, receivedAtMs }: Pick<Frame, "clinicId" | "patientId" | "receivedAtMs">,
  byClinic: Rules,
): readonly LiveRule[] {
  const rules = byClinic.get(clinicId);
  if (!rules) return [];
  const { candidates, isLayered } = candidatesFor(rules, patientId, receivedAtMs);
  return isLayered ? standingRules(candidates, receivedAtMs, (id) => rules.byId.get(id)) : candidates;
}
