import type { AccountId } from "@episante/contracts/ids";
import { type RuleVersion, ruleBodySchema, ruleScopeSchema } from "@episante/contracts/rule";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { msOf } from "./rows.ts";

/** Whom a granted clinic's rule is for, also of a retired one; null when absent. */
export async function scopeOfRule(tx: Tx, id: string) {
  const [row] = await tx.execute(sql`select scope_kind, scope_id from rules where id = ${id}`);
  return row ? ruleScopeSchema.parse({ kind: row.scope_kind, ...(row.scope_id ? { id: row.scope_id } : {}) }) : null;
}

/** Versions of a granted clinic's rule, newest first, with the names that are known. */
export async function listVersions(tx: Tx, id: string): Promise<RuleVersion[]> {
  const rows = await tx.execute(sql`
    select v.version, v.name, v.enabled, v.body, ${msOf("v.changed_at")} as changed_ms, v.changed_by, v.reason, n.name as by_name
    from rule_versions v left join account_names n on n.account_id = v.changed_by
    where v.rule_id = ${id} order by v.version desc`);
  return rows.map((row) => ({
    version: Number(row.version),
    name: String(row.name),
    rule: ruleBodySchema.parse(row.body),
    enabled: row.enabled === true,
    changedAt: new Date(Number(row.changed_ms)).toISOString(),
    ...(row.changed_by ? { changedBy: { accountId: row.changed_by as AccountId, name: String(row.by_name ?? "") } } : {}),
    ...(row.reason ? { reason: String(row.reason) } : {}),
  }));
}
