import type { AuditRecord } from "@episante/contracts/audit";
import { refuse } from "@episante/contracts/problem";
import { rolesOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AuditDeps } from "../deps.ts";
import { findProxyFacts } from "../storage/proxies.ts";
import { listRecords as load } from "../storage/records.ts";

interface Input {
  readonly patientId?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

/**
 * A page of records, newest first. An admin sees all of them (they hold no values and no names); a patient those about themselves,
 * and, as a relative, about somebody whose record they may see; anybody else is answered `not-found`. Reading the audit is itself audited.
 */
export const listRecords = defineAction<AuditDeps, Input, { items: (AuditRecord & { seq: number; hash: string })[]; next?: string }>({
  name: "audit.list",
  access: async ({ actor, input, deps, tx, now, audit }) => {
    if (rolesOf(actor).includes("admin")) return grant.system("audit.list");
    if (actor.kind !== "user" || !actor.patientId) return refuse("forbidden");
    const { patientId = actor.patientId } = input;
    if (patientId === actor.patientId) return grant.patients([patientId]);
    if (!deps.proxies) return refuse("not-found");
    if (!deps.proxies.fresh()) return refuse("mirror-stale");
    const facts = await findProxyFacts(tx, { patientId, proxyPatientId: actor.patientId, nowMs: now });
    if (facts.isLinked) audit({ onBehalfOf: patientId });
    return facts.isAllowed ? grant.patients([patientId]) : refuse("not-found");
  },
  run: async ({ actor, input, tx, audit }) => {
    const limit = input.limit ?? 50;
    const beforeSeq = cursorOf(input.cursor);
    if (beforeSeq === null) return refuse("invalid-input", { errors: [{ path: "cursor", message: "not a cursor of this list" }] });
    const isAdmin = rolesOf(actor).includes("admin");
    const patientId = input.patientId ?? (!isAdmin && actor.kind === "user" ? actor.patientId : undefined);
    if (isAdmin && patientId) audit({ patientIds: [patientId] });
    const records = await load(tx, { patientId, beforeSeq, limit });
    const items = isAdmin || !patientId ? records : records.map((record) => asSeenBy(patientId, record));
    const last = items.at(-1)?.seq;
    return { items, ...(items.length === limit && last ? { next: String(last) } : {}) };
  },
});

/** A record without what it says about other patients and about sessions. The two of a relative's act are named to each other. */
function asSeenBy<R extends AuditRecord>(patientId: string, record: R): R {
  const others = record.patientIds.filter((id) => id !== patientId);
  const { entity, onBehalfOf, ...rest } = record;
  const { sessionHash: _, patientId: actingPatientId, ...actor } = record.actor;
  const isOthers = entity !== undefined && others.includes(entity.id);
  const isOneOfThem = onBehalfOf === patientId || actingPatientId === patientId;
  return {
    ...rest,
    ...(entity && !isOthers ? { entity } : {}),
    ...(onBehalfOf && isOneOfThem ? { onBehalfOf } : {}),
    actor: { ...actor, ...(actingPatientId && isOneOfThem ? { patientId: actingPatientId } : {}) },
    patientIds: [patientId],
  } as R;
}

/** A cursor is the number of the last entry seen; null for anything else. */
export function cursorOf(cursor: string | undefined): number | undefined | null {
  if (cursor === undefined) return undefined;
  return /^\d{1,15}$/.test(cursor) ? Number(cursor) : null;
}
