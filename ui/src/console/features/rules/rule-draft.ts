import { type RuleBody, ruleBodySchema } from "@episante/contracts/rule";
import { signalOf, signals } from "@episante/contracts/signals";
import { locale } from "../../../shared/i18n/i18n.ts";
import { number, quantity } from "../../../shared/lib/format.ts";
import { tr } from "../../i18n/rule-texts.ts";
import { durationText, parseDuration } from "./duration.ts";
import { kindOf, type RuleField } from "./rule-kinds.ts";
import { stepFaults, stepField, stepList, stepTree } from "./rule-steps.ts";

/** What stands in the fields of an editor, by field name. */
export type Draft = Readonly<Record<string, string>>;
/** What is wrong, in words, by field name. */
export type Faults = Readonly<Record<string, string>>;
export type ReadDraft = { readonly rule: RuleBody; readonly faults?: never } | { readonly rule?: never; readonly faults: Faults };

type Tree = { readonly [key: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

export function fieldsOf(kind: RuleBody["kind"]): readonly RuleField[] {
  return kindOf(kind).groups.flatMap(({ fields }) => fields);
}

/** The value at a place such as `clear.value`. */
function at(body: Tree, name: string): unknown {
  return name.split(".").reduce<unknown>((value, key) => (isTree(value) ? value[key] : undefined), body);
}
/** The body with a value at a place. */
function placed(body: Tree, name: string, value: unknown): Tree {
  const [key = "", ...rest] = name.split(".");
  if (rest.length === 0) return { ...body, [key]: value };
  const inner = body[key];
  return { ...body, [key]: placed(isTree(inner) ? inner : {}, rest.join("."), value) };
}

/** A rule as it stands in the fields, in the language on screen. */
export function draftOf(rule: RuleBody): Draft {
  const body: Tree = rule.kind === "threshold" ? { ...rule, steps: stepTree(rule.steps) } : rule;
  return Object.fromEntries(fieldsOf(rule.kind).map((field) => [field.name, written(at(body, field.name), field)]));
}

/** Whether a field has a say, as the others stand. */
export const isAsked = (field: RuleField, draft: Draft) => field.when === undefined || field.when(draft);
function written(value: unknown, field: RuleField): string {
  if (typeof value !== "number") return typeof value === "string" ? value : "";
  if (field.type === "duration") return durationText(value);
  return field.type === "choice" ? String(value) : typed(field.unit === "percent" ? value * 100 : value);
}
/** A number as it is typed: exact, with the decimal sign of the language, without separators. */
function typed(value: number): string {
  const text = String(Number(value.toPrecision(12)));
  return locale() === "fr" ? text.replace(".", ",") : text;
}
/** Reads a number as people type it: comma or point, any minus sign. */
export function parseNumber(text: string): number | undefined {
  const value = Number(text.trim().replace(",", ".").replace("−", "-"));
  return text.trim() === "" || !Number.isFinite(value) ? undefined : value;
}

function readField(text: string, field: RuleField): unknown {
  if (field.type === "duration") return parseDuration(text);
  if (field.type === "choice") return field.asNumber ? Number(text) : text;
  const value = parseNumber(text);
  return value !== undefined && field.unit === "percent" ? Number((value / 100).toPrecision(12)) : value;
}

/**
 * The rule that the fields make, or what is wrong with them. What no field shows (a unit, what another screen set) is kept from `before`.
 * Limits are the contract's; that a rule ends on its calm side is the engine's.
 */
export function readDraft(before: RuleBody, draft: Draft): ReadDraft {
  const faults: Record<string, string> = {};
  let body: Tree = withUnit(before, draft);
  if (before.kind === "threshold") body = { ...body, steps: {} };
  for (const field of fieldsOf(before.kind)) {
    const text = isAsked(field, draft) ? (draft[field.name] ?? "") : "";
    const isEmpty = text.trim() === "";
    const value = isEmpty ? undefined : readField(text, field);
    if (value === undefined && !(isEmpty && field.optional))
      faults[field.name] = field.type === "duration" ? tr("fault.duration") : tr("fault.number");
    body = placed(body, field.name, value);
  }
  if (Object.keys(faults).length > 0) return { faults };
  body = withSteps(withClear(body));
  const parsed = ruleBodySchema.safeParse(body);
  if (!parsed.success) return { faults: faultsOf(parsed.error.issues, before.kind, body) };
  const wrong = {
    ...(isClearInside(parsed.data) ? { "clear.value": tr("fault.clearInside") } : {}),
    ...(parsed.data.kind === "threshold" ? stepFaults(parsed.data) : {}),
  };
  return Object.keys(wrong).length > 0 ? { faults: wrong } : { rule: parsed.data };
}

/** The unit the fields are in: the rule's own, or with another signal its canonical one. Empty where a kind has none. */
export function unitIn(before: RuleBody, draft: Draft): string {
  if (!("unit" in before)) return "";
  const signal = signalOf(draft.code ?? "");
  return draft.code === before.code || !signal ? before.unit : signals[signal].unit;
}
function withUnit(before: RuleBody, draft: Draft): Tree {
  return "unit" in before ? { ...before, unit: unitIn(before, draft) } : { ...before };
}
/** Without a level of its own a rule ends at its limit; without either there is nothing to say. */
function withClear(body: Tree): Tree {
  const { clear, ...rest } = body;
  if (!isTree(clear)) return body;
  if (clear.value === undefined && clear.seconds === undefined) return rest;
  return { ...rest, clear: { value: clear.value ?? body.value, seconds: clear.seconds ?? 0 } };
}
/** The fields of the steps as the contract's list; none is no list. */
function withSteps(body: Tree): Tree {
  const { steps, ...rest } = body;
  if (!isTree(steps)) return body;
  const list = stepList(steps);
  return list ? { ...rest, steps: list } : rest;
}
function isClearInside(rule: RuleBody): boolean {
  if (!("op" in rule) || !rule.clear) return false;
  return rule.op.startsWith("<") ? rule.clear.value < rule.value : rule.clear.value > rule.value;
}

interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly minimum?: unknown;
  readonly maximum?: unknown;
}
function faultsOf(issues: readonly Issue[], kind: RuleBody["kind"], body: Tree): Faults {
  const fields = fieldsOf(kind);
  return Object.fromEntries(
    issues.map((issue) => {
      const [first, index] = issue.path;
      const ofStep = first === "steps" && Array.isArray(body.steps) ? stepField(body.steps, Number(index)) : undefined;
      const name = ofStep ?? issue.path.join(".");
      const field = fields.find((one) => one.name === name);
      return [name, words(issue, field)];
    }),
  );
}
function words(issue: Issue, field: RuleField | undefined): string {
  const bound = issue.code === "too_small" ? issue.minimum : issue.maximum;
  if ((issue.code === "too_small" || issue.code === "too_big") && typeof bound === "number") {
    const text = field?.type === "duration" ? durationText(bound) : field?.unit === "percent" ? quantity(bound * 100, "%") : number(bound);
    return tr(issue.code === "too_small" ? "fault.least" : "fault.most", { bound: text });
  }
  if (issue.code === "invalid_type") return tr("fault.whole");
  if (issue.code !== "custom") return tr("fault.value");
  return field?.name === "votes" ? tr("fault.votes") : tr("fault.clearInside");
}

/** Faults that the service answered, by the field they belong to. */
export function serverFaults(errors: readonly { readonly path: string }[] | undefined, kind: RuleBody["kind"]): Faults {
  const names = fieldsOf(kind).map(({ name }) => name);
  const found = (errors ?? []).flatMap(({ path }) => {
    const name = path.replace(/^rule\./, "");
    if (!names.includes(name)) return [];
    return [[name, name === "clear.value" ? tr("fault.clearInside") : tr("fault.value")] as const];
  });
  return Object.fromEntries(found);
}

/** True when both say the same. */
export function isSameRule(one: RuleBody, other: RuleBody): boolean {
  return sorted(one) === sorted(other);
}
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isTree(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
