import type { BodyOf } from "@episante/contracts/endpoint";
import type { ClinicId, RuleId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { createRule as createEndpoint, Rule, RuleBody } from "@episante/contracts/rule";
import { type Actor, clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { type Grant, grant, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { AlertDeps } from "../deps.ts";
import { compileRule } from "../domain/compile.ts";
import { replaceFault } from "../domain/layers.ts";
import { findGroup } from "../storage/groups.ts";
import { isKnownInClinics, treatingClinic } from "../storage/relationships.ts";
import { findRuleForUpdate, ruleThatReplaces, writeRule } from "../storage/rules.ts";

type Input = BodyOf<typeof createEndpoint>;

/** Why a rule cannot be, as a refusal; null when it can. */
export function checkRule(rule: RuleBody): Refusal | null {
  const compiled = compileRule(rule, { version: 1, fromMs: 0, enabled: true });
  if (compiled === "clear-inside")
    return refuse("invalid-input", { errors: [{ path: "rule.clear.value", message: "lies on the alarming side" }] });
  if (compiled === "steps-not-worse")
    return refuse("invalid-input", {
      errors: [{ path: "rule.steps", message: "each step must be worse than the one before it and than the rule" }],
    });
  if (compiled === "may-stay-flat")
    return refuse("invalid-input", { errors: [{ path: "rule.code", message: "this signal may stay as it is" }] });
  return typeof compiled === "string" ? refuse(compiled) : null;
}

/** The clinic a rule of this scope belongs to: one the caller is a doctor in, the group's, or the one in which they treat the patient. */
async function clinicFor(
  context: { actor: Actor; deps: AlertDeps; tx: Tx; now: number },
  scope: Input["scope"],
): Promise<string | Refusal> {
  const { actor, deps, tx, now } = context;
  const clinics = clinicIdsOf(actor, "doctor");
  if (scope.kind === "group") return (await findGroup(tx, scope.id ?? ""))?.clinicId ?? refuse("not-found");
  if (scope.kind === "clinic") return clinics.find((id) => scope.id === undefined || id === scope.id) ?? refuse("not-found");
  if (!scope.id) return refuse("invalid-input", { errors: [{ path: "scope.id", message: "the patient is missing" }] });
  if (!deps.relationships.fresh()) return refuse("mirror-stale");
  const clinic = await treatingClinic(tx, doctorIdsOf(actor), scope.id, now);
  if (clinic) return clinic;
  return (await isKnownInClinics(tx, scope.id, clinics)) ? refuse("care-relationship-required") : refuse("not-found");
}

function grantDoctor(actor: Actor): Grant | Refusal {
  const clinics = clinicIdsOf(actor, "doctor");
  return clinics.length > 0 ? grant.clinics(clinics) : refuse("not-found");
}

async function grantScope(context: {
  actor: Actor;
  deps: AlertDeps;
  tx: Tx;
  now: number;
  input: { scope: Input["scope"] };
}): Promise<Grant | Refusal> {
  // A group can be read only under a grant: whose it is, the verb itself asks.
  if (context.input.scope.kind === "group") return grantDoctor(context.actor);
  const clinic = await clinicFor(context, context.input.scope);
  return isRefusal(clinic) ? clinic : grant.clinics([clinic]);
}

export const createRule = defineAction<AlertDeps, Input, Rule>({
  name: "alert.create-rule",
  access: grantScope,
  run: async ({ actor, input, deps, tx, now, audit }) => {
    const id = newId("rul", now);
    audit({ entity: { type: "rule", id } });
    const clinicId = await clinicFor({ actor, deps, tx, now }, input.scope);
    if (isRefusal(clinicId)) return clinicId;
    const rule = published({ id, clinicId: clinicId as ClinicId, version: 1, scope: input.scope }, input);
    const fault = checkRule(input.rule) ?? (await checkReplaced(tx, rule));
    return fault ?? store(tx, rule, actor, now);
  },
});

/** Publishes a new version; it judges readings received from now on. What the rule watches, and whom, stays. */
export const putRule = defineAction<AlertDeps, Input & { id: string }, Rule>({
  name: "alert.put-rule",
  access: async (context) => {
    const granted = await grantScope(context);
    return isRefusal(granted) ? granted : grant.clinics(clinicIdsOf(context.actor, "doctor"));
  },
  run: async ({ actor, input, deps, tx, now, audit }) => {
    audit({ entity: { type: "rule", id: input.id } });
    const before = await findRuleForUpdate(tx, input.id);
    if (!before) return refuse("not-found");
    // The scope that was asked for is granted; whose rule it really is decides.
    const clinic = await clinicFor({ actor, deps, tx, now }, before.scope);
    if (isRefusal(clinic)) return clinic;
    const rule = published({ ...before, version: before.version + 1 }, input);
    const fault = checkRule(input.rule) ?? checkUnchanged(before, input) ?? (await checkReplaced(tx, rule));
    return fault ?? store(tx, rule, actor, now);
  },
});

/** Retires a rule: nothing is judged by it any more; alerts it raised stay until somebody closes them. */
export const deleteRule = defineAction<AlertDeps, { id: string }, Record<string, never>>({
  name: "alert.delete-rule",
  access: ({ actor }) => grant.clinics(clinicIdsOf(actor, "doctor")),
  run: async ({ actor, input, deps, tx, now, audit }) => {
    audit({ entity: { type: "rule", id: input.id } });
    const before = await findRuleForUpdate(tx, input.id);
    if (!before) return refuse("not-found");
    const clinic = await clinicFor({ actor, deps, tx, now }, before.scope);
    if (isRefusal(clinic)) return clinic;
    const { reason: _, ...rule } = before;
    await store(tx, { ...rule, version: before.version + 1, enabled: false }, actor, now, true);
    return {};
  },
});

type Publishing = Omit<Rule, "changedAt" | "changedBy">;

/** A rule as its new version says. */
function published(
  { id, clinicId, version, scope, replaces: before }: Pick<Rule, "id" | "clinicId" | "version" | "scope" | "replaces">,
  { name, rule, enabled = true, reason, replaces: given }: Input,
): Publishing {
  const replaces: RuleId | null | undefined = given === undefined ? before : given;
  return { id, clinicId, version, name, scope, enabled, rule, ...(replaces ? { replaces } : {}), ...(reason ? { reason } : {}) };
}

/** What a rule replaces is there, wider and alike, and nothing else of its own layer stands there. Locked, so that of two at once one sees the other. */
async function checkReplaced(tx: Tx, rule: Publishing): Promise<Refusal | null> {
  if (!rule.replaces) return null;
  const other = await findRuleForUpdate(tx, rule.replaces);
  const meta = { version: 1, fromMs: 0, enabled: true };
  const [own, wider] = [compileRule(rule.rule, meta), other && compileRule(other.rule, meta)];
  const isThere = other?.clinicId === rule.clinicId && wider && typeof wider !== "string" && typeof own !== "string";
  const fault = !isThere
    ? "no such rule in this clinic"
    : (replaceFault({ layer: rule.scope.kind, compiled: own }, { layer: other.scope.kind, compiled: wider }) ??
      ((await ruleThatReplaces(tx, rule)) && "another rule of this layer stands in its place already"));
  return fault ? refuse("invalid-input", { errors: [{ path: "replaces", message: fault }] }) : null;
}

function checkUnchanged(before: Rule, { rule, scope }: Input): Refusal | null {
  const errors = [
    ...(rule.kind === before.rule.kind ? [] : [{ path: "rule.kind", message: "a rule keeps its kind: add another rule" }]),
    ...(codeIn(rule) === codeIn(before.rule) ? [] : [{ path: "rule.code", message: "a rule keeps its code: add another rule" }]),
    ...(scope.kind === before.scope.kind && (scope.id ?? before.scope.id) === before.scope.id
      ? []
      : [{ path: "scope", message: "a rule keeps its scope: add another rule" }]),
  ];
  return errors.length > 0 ? refuse("invalid-input", { errors }) : null;
}

/** The code a rule is about; a kind that has its own signals names none. */
const codeIn = (rule: RuleBody) => ("code" in rule ? rule.code : undefined);

async function store(tx: Tx, rule: Publishing, actor: Actor, now: number, isRetired = false): Promise<Rule> {
  const changedBy = actor.kind === "user" ? { changedBy: actor.accountId } : {};
  await writeRule(tx, { ...rule, changedAtMs: now, ...changedBy }, now, isRetired);
  return { ...rule, changedAt: new Date(now).toISOString(), ...changedBy };
}
