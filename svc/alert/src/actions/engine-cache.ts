import type { Frame } from "@episante/contracts/envelope";
import type { RuleId } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import { compileRule, replacingKinds } from "../domain/compile.ts";
import type { EngineState } from "../domain/engine.ts";
import { type CompiledRule, type Sample, versionAt } from "../domain/episode.ts";
import type { Trend } from "../domain/trend.ts";
import { loadRules, type StoredRule } from "../storage/rules.ts";
import type { FeedPage } from "./feed-hub.ts";

/** A rule as the engine judges by it. */
export interface LiveRule {
  readonly id: RuleId;
  readonly stored: StoredRule;
  readonly versions: readonly CompiledRule[];
}

/** What the engine remembers of one rule for one patient. */
export interface Entry {
  readonly state: EngineState;
  /** What the state took in since its row was written whole; absent while it has to be. */
  readonly tail?: readonly Sample[];
  readonly trend: Trend;
  readonly lastAt?: number;
  readonly lastValue?: number;
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

type Rules = Map<string, LiveRule[]>;

/** States and rules in memory. The tables are the truth: after a roll-back or a new lease the partition is forgotten and loaded again. */
export class EngineCache {
  private readonly entries = new Map<number, Map<string, Entry>>();
  private readonly ahead = new Map<number, Map<string, EngineState>>();
  private readonly expectations = new Map<number, Expected>();
  private readonly changes = new Map<number, Change>();
  private rules: { epoch: string; byClinic: Rules } | undefined;

  partition(partition: number): Map<string, Entry> {
    const known = this.entries.get(partition);
    if (known && known.size <= mostEntries) return known;
    const fresh = new Map<string, Entry>();
    this.entries.set(partition, fresh);
    return fresh;
  }

  /** States with what has been received and not yet been judged in a transaction. Only a guess: it is thrown away by the next one. */
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
  }

  /** Whom a look ahead expects the next transaction to be about. Only a guess, as the states it comes from. */
  expected(partition: number): Expected {
    const known = this.expectations.get(partition) ?? { patientIds: new Set<string>(), alertIds: new Set<string>() };
    this.expectations.set(partition, known);
    return known;
  }

  /** What was expected, for the transaction that begins; the next one starts with nothing. */
  takeExpected(partition: number): Expected {
    const expected = this.expected(partition);
    this.expectations.delete(partition);
    this.ahead.delete(partition);
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
    if (this.rules?.epoch !== epoch) {
      const live = (await loadRules(tx)).flatMap(liveRule);
      this.rules = { epoch, byClinic: Map.groupBy(live, (rule) => rule.stored.clinicId) };
    }
    return this.rules.byClinic;
  }

  /** Rules as last loaded: one may have changed since. */
  lastRules(): Rules | undefined {
    return this.rules?.byClinic;
  }
}

function liveRule(stored: StoredRule): LiveRule[] {
  const versions = stored.versions.flatMap(({ version, fromMs, enabled, body }) => {
    const compiled = compileRule(body, { version, fromMs, enabled });
    return typeof compiled === "string" ? [] : [compiled];
  });
  return versions.length > 0 ? [{ id: stored.id, stored, versions }] : [];
}

/** Rules that judge a frame's patient: the clinic's, without those that the patient's own stand in place of at its receive time, and their own. */
export function rulesFor(frame: Frame, byClinic: Map<string, LiveRule[]>): readonly LiveRule[] {
  const rules = byClinic.get(frame.clinicId) ?? [];
  const own = rules.filter(({ stored: { scope } }) => scope.kind === "patient" && scope.id === frame.patientId);
  const replaced = own.flatMap((rule) => replacedAt(rule, frame.receivedAtMs));
  return [...rules.filter(({ stored: { scope, rule } }) => scope.kind === "clinic" && !replaced.includes(rule.kind)), ...own];
}

function replacedAt({ versions }: LiveRule, receivedMs: number): CompiledRule["kind"][] {
  const version = versionAt(versions, receivedMs);
  return version?.enabled && version.fromMs <= receivedMs && replacingKinds.includes(version.kind) ? [version.kind] : [];
}
