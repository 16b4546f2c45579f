import { type Layer, layers } from "@episante/contracts/rule";
import { replacingKinds } from "./compile.ts";
import { type CompiledRule, versionAt } from "./episode.ts";

/** A rule with whom it is for. */
export interface Layered {
  readonly id: string;
  readonly layer: Layer;
  /** Ascending by `fromMs`, at least one. */
  readonly versions: readonly CompiledRule[];
}

/** Finds a rule of the clinic, retired ones included. */
export type FindRule<R extends Layered> = (id: string) => R | undefined;

/**
 * Rules that judge what was received at an instant, of those that are for a patient. Rules that replace one another, however far, are one rule
 * for the patient: the narrowest layer's stands. Of several in one layer, as of two groups, the most sensitive one does (`bySensitivity`).
 */
export function standingRules<R extends Layered>(candidates: readonly R[], receivedMs: number, find: FindRule<R>): R[] {
  const down = new Set<R>();
  for (const { stands, standDown } of slotsOf(candidates, receivedMs, find))
    if (stands.length > 0) for (const one of standDown) down.add(one);
  return candidates.filter((rule) => !down.has(rule));
}

/** What stands in one place for a patient, and what it stands in place of: the narrowest first. */
export interface Slot<R extends Layered> {
  readonly stands: readonly R[];
  readonly standDown: readonly R[];
}

/** Rules in force for a patient at an instant, those that replace one another together. */
export function slotsOf<R extends Layered>(candidates: readonly R[], receivedMs: number, find: FindRule<R>): Slot<R>[] {
  const inForce = candidates.filter((rule) => isInForce(rule, receivedMs));
  const bySlot = Map.groupBy(inForce, (rule) => slotOf(rule, receivedMs, find));
  return [...bySlot.values()].map((rules) => {
    const sorted = rules.toSorted((a, b) => layers.indexOf(b.layer) - layers.indexOf(a.layer) || bySensitivity(a, b, receivedMs));
    const layer = sorted[0]?.layer;
    // Several rules of the clinic in one place are NEWS2 rules that nobody told to replace one another.
    const stands = layer === "clinic" ? sorted : sorted.slice(0, 1);
    return { stands, standDown: sorted.slice(stands.length) };
  });
}

/** The version of a rule that was published by then, if it is enabled. */
function isInForce({ versions }: Layered, receivedMs: number): boolean {
  const version = versionAt(versions, receivedMs);
  return version?.enabled === true && version.fromMs <= receivedMs;
}

/** The rule that this one replaces as of an instant, whether or not it is in force itself. */
export function replacedBy({ versions }: Layered, receivedMs: number): string | undefined {
  const version = versionAt(versions, receivedMs);
  return version && version.fromMs <= receivedMs ? version.replaces : undefined;
}

/** Whose place a rule takes in the end: its own, or that of the widest rule it replaces through others. Each replaces a wider one: it ends. */
function slotOf<R extends Layered>(rule: R, receivedMs: number, find: FindRule<R>): string {
  const kind = rule.versions[0]?.kind;
  if (kind && replacingKinds.includes(kind)) return kind;
  let { id } = rule;
  for (let next = replacedBy(rule, receivedMs); next !== undefined; ) {
    id = next;
    const wider = find(next);
    next = wider && replacedBy(wider, receivedMs);
  }
  return id;
}

/** The limit that is passed first, then the shorter hold, then the later publication; ids decide what is left. */
function bySensitivity(one: Layered, other: Layered, receivedMs: number): number {
  const [a, b] = [versionAt(one.versions, receivedMs), versionAt(other.versions, receivedMs)];
  if (!a || !b) return 0;
  const isBelow = a.shown.op.startsWith("<");
  const byLimit = isBelow ? b.shown.threshold - a.shown.threshold : a.shown.threshold - b.shown.threshold;
  return byLimit || a.holdMs - b.holdMs || b.fromMs - a.fromMs || (one.id < other.id ? -1 : 1);
}

/** Why a rule may not stand in place of another; nothing when it may. Both as compiled; what replaces is of the narrower layer. */
export function replaceFault(
  rule: Pick<Layered, "layer"> & { readonly compiled: CompiledRule },
  other: Pick<Layered, "layer"> & { readonly compiled: CompiledRule },
): string | undefined {
  if (layers.indexOf(rule.layer) <= layers.indexOf(other.layer)) return "only a rule of a wider layer can be replaced";
  if (rule.compiled.kind !== other.compiled.kind) return "only a rule of the same kind can be replaced";
  const [own, wider] = [rule.compiled.shown, other.compiled.shown];
  if (own.signal !== wider.signal) return "only a rule about the same signal can be replaced";
  return own.op.charAt(0) === wider.op.charAt(0) ? undefined : "only a limit on the same side can be replaced";
}
