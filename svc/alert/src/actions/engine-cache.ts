import type { Frame } from "@episante/contracts/envelope";
import type { RuleId } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import type { EngineState } from "../domain/engine.ts";
import { type CompiledRule, compileRule, type Sample } from "../domain/threshold.ts";
import type { Trend } from "../domain/trend.ts";
import { loadRules, type StoredRule } from "../storage/rules.ts";

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

const mostEntries = 20_000;

type Rules = Map<string, LiveRule[]>;

/** States and rules in memory. The tables are the truth: after a roll-back or a new lease the partition is forgotten and loaded again. */
export class EngineCache {
  private readonly entries = new Map<number, Map<string, Entry>>();
  private readonly ahead = new Map<number, Map<string, EngineState>>();
  private readonly cursors = new Map<number, number>();
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
    this.cursors.delete(partition);
  }

  /** The transaction under way moved the feed's cursor. */
  changed(partition: number, cursor: number): void {
    this.cursors.set(partition, cursor);
  }

  /** The feed's cursor after the partition's last transaction, when that changed alerts; asked once, after the commit. */
  takeChanged(partition: number): number | undefined {
    const cursor = this.cursors.get(partition);
    this.cursors.delete(partition);
    return cursor;
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

/** Rules that apply to a frame's patient. */
export function rulesFor(frame: Frame, byClinic: Map<string, LiveRule[]>): readonly LiveRule[] {
  const rules = byClinic.get(frame.clinicId) ?? [];
  return rules.filter(({ stored: { scope } }) => scope.kind === "clinic" || scope.id === frame.patientId);
}
