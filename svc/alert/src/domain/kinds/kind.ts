import type { RuleBody } from "@episante/contracts/rule";
import { type Signal, signalOf, signals, toCanonical } from "@episante/contracts/signals";
import type { Judgement } from "../episode.ts";

/**
 * Why a rule cannot be: unknown code, wrong unit, a clear level on the alarming side, severity steps that do not get worse, or a flat line of
 * a signal that may be one.
 */
export type RuleFault = "unknown-code" | "unknown-unit" | "clear-inside" | "may-stay-flat" | "steps-not-worse";

export type BodyOfKind<Kind extends RuleBody["kind"]> = Extract<RuleBody, { kind: Kind }>;

/** A rule kind: which signals a rule reads, and how their readings become a verdict per instant. */
export type CompileKind<Kind extends RuleBody["kind"], Memory> = (body: BodyOfKind<Kind>) => Judgement<Memory> | RuleFault;

export type Operator = BodyOfKind<"threshold">["op"];

/** True when `value` lies beyond `limit`. */
export function compare(op: Operator, value: number, limit: number): boolean {
  if (op === "<") return value < limit;
  if (op === "<=") return value <= limit;
  if (op === ">") return value > limit;
  return value >= limit;
}

interface Limited {
  readonly code: string;
  readonly op: Operator;
  readonly value: number;
  readonly unit: string;
  readonly clear?: { readonly value: number } | undefined;
}

/** A limit and the level that clears it, in the canonical unit of the code's signal. */
export interface Limit {
  readonly signal: Signal;
  readonly unit: string;
  readonly op: Operator;
  readonly value: number;
  readonly clearValue: number;
}

/** Reads the limit of a rule's body. @param convert a value to the canonical unit; differences convert without the unit's offset */
export function limitOf(
  { code, op, value: given, unit, clear }: Limited,
  convert: (signal: Signal, value: number, unit: string) => number | undefined = toCanonical,
): Limit | RuleFault {
  const signal = signalOf(code);
  if (!signal) return "unknown-code";
  const value = convert(signal, given, unit);
  const clearValue = clear ? convert(signal, clear.value, unit) : value;
  if (value === undefined || clearValue === undefined) return "unknown-unit";
  const isBelow = op === "<" || op === "<=";
  if (isBelow ? clearValue < value : clearValue > value) return "clear-inside";
  return { signal, unit: signals[signal].unit, op, value, clearValue };
}
