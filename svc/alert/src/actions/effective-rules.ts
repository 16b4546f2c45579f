import type { PatientId } from "@episante/contracts/ids";
import { refuse } from "@episante/contracts/problem";
import type { EffectiveRule } from "@episante/contracts/rule-layers";
import { clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { replacedBy, type Slot, slotsOf } from "../domain/layers.ts";
import { type GroupRow, listGroups } from "../storage/groups.ts";
import { namesOf } from "../storage/names.ts";
import { isKnownInClinics, treatingClinic } from "../storage/relationships.ts";
import { type ClinicRules, candidatesFor, type LiveRule, loadLiveRules } from "./live-rules.ts";

/** Rules that judge a patient's readings received now, in the clinic in which the caller treats them. */
export const effectiveRules = defineAction<AlertDeps, { patientId: PatientId }, { items: EffectiveRule[] }>({
  name: "alert.effective-rules",
  access: async ({ actor, input: { patientId }, deps, tx, now }) => {
    if (!deps.relationships.fresh()) return refuse("mirror-stale");
    const clinic = await treatingClinic(tx, doctorIdsOf(actor), patientId, now);
    if (clinic) return grant.clinics([clinic]);
    return refuse((await isKnownInClinics(tx, patientId, clinicIdsOf(actor, "doctor"))) ? "care-relationship-required" : "not-found");
  },
  run: async ({ input: { patientId }, tx, now, grant: granted }) => {
    const [rules] = (await loadLiveRules(tx)).values();
    if (granted.kind !== "clinics" || !rules) return { items: [] };
    const slots = slotsOf(candidatesFor(rules, patientId, now).candidates, now, (id) => rules.byId.get(id));
    const authors = [...rules.byId.values()].flatMap(({ stored }) => (stored.changedBy ? [stored.changedBy] : []));
    const words = { names: await namesOf(tx, [...new Set(authors)]), groups: await listGroups(tx) };
    const items = slots.flatMap((slot) =>
      slot.stands.map((rule) => ({ ...present(rule, words), replaces: behind(rule, slot, rules, now).map((one) => present(one, words)) })),
    );
    return { items: items.sort((a, b) => (a.name === b.name ? a.id.localeCompare(b.id) : a.name.localeCompare(b.name))) };
  },
});

interface Words {
  readonly names: ReadonlyMap<string, string>;
  readonly groups: readonly GroupRow[];
}

function present({ id, layer, stored }: LiveRule, { names, groups }: Words): Omit<EffectiveRule, "replaces"> {
  const { version, name, rule, enabled, scope, changedAt: at, changedBy, reason } = stored;
  const group = groups.find((one) => one.id === scope.id);
  return {
    id,
    version,
    name,
    layer,
    ...(group ? { group: { id: group.id, name: group.name } } : {}),
    rule,
    enabled,
    at,
    ...(changedBy ? { by: { accountId: changedBy, name: names.get(changedBy) ?? "" } } : {}),
    ...(reason ? { reason } : {}),
  };
}

/** What a rule stands in place of: what would judge without it, and what it says it replaces although that is switched off. */
function behind(rule: LiveRule, { standDown }: Slot<LiveRule>, { byId }: ClinicRules, now: number): LiveRule[] {
  const chain: LiveRule[] = [];
  for (let next = replacedBy(rule, now); next !== undefined; ) {
    const wider = byId.get(next);
    if (wider && !standDown.includes(wider) && !isRetired(wider)) chain.push(wider);
    next = wider && replacedBy(wider, now);
  }
  return [...standDown, ...chain];
}

const isRetired = ({ stored }: LiveRule) => stored.isRetired;
