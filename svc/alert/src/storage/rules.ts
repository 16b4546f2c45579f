import type { AccountId, ClinicId, RuleId } from "@episante/contracts/ids";
import { type Rule, ruleBodySchema, ruleScopeSchema } from "@episante/contracts/rule";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { instantOf, msOf } from "./rows.ts";

/** A version of a rule with the receive time from which it judges. */
export interface RuleVersionRow {
  readonly version: number;
  readonly fromMs: number;
  readonly name: string;
  readonly enabled: boolean;
  readonly body: Rule["rule"];
  readonly replaces?: RuleId;
}
export interface StoredRule extends Rule {
  readonly isRetired: boolean;
  readonly versions: readonly RuleVersionRow[];
}

type RuleWrite = Pick<Rule, "id" | "clinicId" | "version" | "name" | "scope" | "enabled" | "rule" | "replaces" | "reason"> & {
  readonly changedAtMs: number;
  readonly changedBy?: AccountId;
};

function ruleOf(row: Record<string, unknown>): Rule {
  return {
    id: row.id as RuleId,
    version: Number(row.version),
    name: String(row.name),
    clinicId: row.clinic_id as ClinicId,
    scope: ruleScopeSchema.parse({ kind: row.scope_kind, ...(row.scope_id ? { id: row.scope_id } : {}) }),
    rule: ruleBodySchema.parse(row.body),
    enabled: row.enabled === true,
    changedAt: new Date(Number(row.changed_ms)).toISOString(),
    ...(row.changed_by ? { changedBy: row.changed_by as AccountId } : {}),
    ...(row.replaces ? { replaces: row.replaces as RuleId } : {}),
    ...(row.reason ? { reason: String(row.reason) } : {}),
  };
}

/** Rules of the granted clinics that are not retired. */
export async function listRules(tx: Tx): Promise<Rule[]> {
  const rows = await tx.execute(sql`select *, ${msOf("changed_at")} as changed_ms from rules where retired_at is null order by id`);
  return rows.map(ruleOf);
}

/** A granted clinic's rule, locked for a change; null when absent or retired. */
export async function findRuleForUpdate(tx: Tx, id: string): Promise<Rule | null> {
  const [row] = await tx.execute(
    sql`select *, ${msOf("changed_at")} as changed_ms from rules where id = ${id} and retired_at is null for update`,
  );
  return row ? ruleOf(row) : null;
}

/** Writes a new rule or a new version of one, and tells the engines. @param fromMs receive time from which the version judges */
export async function writeRule(tx: Tx, rule: RuleWrite, fromMs: number, isRetired = false): Promise<void> {
  const body = JSON.stringify(rule.rule);
  const changedBy = rule.changedBy ?? null;
  const changedAt = instantOf(rule.changedAtMs);
  await tx.execute(sql`
    insert into rules (id, clinic_id, version, name, scope_kind, scope_id, enabled, body, changed_at, changed_by, retired_at, replaces, reason)
    values (${rule.id}, ${rule.clinicId}, ${rule.version}, ${rule.name}, ${rule.scope.kind}, ${rule.scope.id ?? null}, ${rule.enabled},
      ${body}::jsonb, ${changedAt}, ${changedBy}, ${isRetired ? changedAt : sql`null`}, ${rule.replaces ?? null}, ${rule.reason ?? null})
    on conflict (id) do update set version = excluded.version, name = excluded.name, scope_kind = excluded.scope_kind, scope_id = excluded.scope_id,
      enabled = excluded.enabled, body = excluded.body, changed_at = excluded.changed_at, changed_by = excluded.changed_by, retired_at = excluded.retired_at,
      replaces = excluded.replaces, reason = excluded.reason`);
  await tx.execute(sql`
    insert into rule_versions (rule_id, version, from_ms, name, enabled, body, changed_at, changed_by, replaces, reason)
    values (${rule.id}, ${rule.version}, ${fromMs}, ${rule.name}, ${rule.enabled}, ${body}::jsonb, ${changedAt}, ${changedBy}, ${rule.replaces ?? null},
      ${rule.reason ?? null})`);
  await tellEngines(tx);
}

/** Says that what judges whom has changed. */
export async function tellEngines(tx: Tx): Promise<void> {
  await tx.execute(sql`update rule_epoch set epoch = epoch + 1`);
}

/** Another live rule of the same clinic's patient, group or clinic that stands in place of the same rule; undefined: none. */
export async function ruleThatReplaces(
  tx: Tx,
  { id, scope, replaces }: Pick<Rule, "id" | "scope" | "replaces">,
): Promise<string | undefined> {
  const [row] = await tx.execute(sql`
    select id from rules where replaces = ${replaces ?? null} and scope_kind = ${scope.kind} and scope_id is not distinct from ${scope.id ?? null}
      and id <> ${id} and retired_at is null limit 1`);
  return row && String(row.id);
}

/** Number that changes with every rule change. */
export async function ruleEpoch(tx: Tx): Promise<string> {
  // With a parameter it is prepared: the engine asks in every transaction.
  const [row] = await tx.execute(sql`select epoch from rule_epoch where one = ${true}`);
  return String(row?.epoch);
}

/** Every rule with all its versions, retired ones included: what the engine judges by, in system context; the granted clinics' in another. */
export async function loadRules(tx: Tx): Promise<StoredRule[]> {
  const rows = await tx.execute(sql`select *, ${msOf("changed_at")} as changed_ms from rules order by id`);
  const versions = await tx.execute(
    sql`select rule_id, version, from_ms, name, enabled, body, replaces from rule_versions order by rule_id, version`,
  );
  const byRule = Map.groupBy(versions, (row) => String(row.rule_id));
  return rows.map((row) => ({
    ...ruleOf(row),
    isRetired: row.retired_at !== null,
    versions: (byRule.get(String(row.id)) ?? []).map((version) => ({
      version: Number(version.version),
      fromMs: Number(version.from_ms),
      name: String(version.name),
      enabled: version.enabled === true,
      body: ruleBodySchema.parse(version.body),
      ...(version.replaces ? { replaces: version.replaces as RuleId } : {}),
    })),
  }));
}

/** Records a clinic; true when it was not known. */
export async function addClinic(tx: Tx, clinicId: string): Promise<boolean> {
  const rows = await tx.execute(sql`insert into clinics (clinic_id) values (${clinicId}) on conflict do nothing returning 1`);
  return rows.length > 0;
}

/** True while a group has rules that are not retired. */
export async function hasRules(tx: Tx, groupId: string): Promise<boolean> {
  const rows = await tx.execute(
    sql`select 1 from rules where scope_kind = 'group' and scope_id = ${groupId} and retired_at is null limit 1`,
  );
  return rows.length > 0;
}
