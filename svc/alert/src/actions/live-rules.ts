import type { RuleId } from "@episante/contracts/ids";
import type { Layer } from "@episante/contracts/rule";
import type { Tx } from "@episante/service/db";
import { compileRule } from "../domain/compile.ts";
import type { CompiledRule } from "../domain/episode.ts";
import { loadMemberships, type Membership } from "../storage/groups.ts";
import { loadRules, type StoredRule } from "../storage/rules.ts";

/** A rule as the engine judges by it. */
export interface LiveRule {
  readonly id: RuleId;
  readonly stored: StoredRule;
  readonly layer: Layer;
  readonly versions: readonly CompiledRule[];
}

/** Rules of one clinic by whom they are for. */
export interface ClinicRules {
  readonly byId: ReadonlyMap<string, LiveRule>;
  readonly ofClinic: readonly LiveRule[];
  readonly ofPatient: ReadonlyMap<string, readonly LiveRule[]>;
  /** Of the groups a patient is or was in. */
  readonly ofGroups: ReadonlyMap<string, readonly { readonly membership: Membership; readonly rules: readonly LiveRule[] }[]>;
}

/** Rules by clinic. */
export type Rules = ReadonlyMap<string, ClinicRules>;

/** Every rule and membership the context shows, retired rules included. */
export async function loadLiveRules(tx: Tx): Promise<Rules> {
  const live = (await loadRules(tx)).flatMap(liveRule);
  const memberships = await loadMemberships(tx);
  const byClinic = Map.groupBy(live, (rule) => rule.stored.clinicId as string);
  return new Map([...byClinic].map(([clinicId, rules]) => [clinicId, indexed(rules, memberships)]));
}

function liveRule(stored: StoredRule): LiveRule[] {
  const versions = stored.versions.flatMap(({ version, fromMs, enabled, body, replaces }) => {
    const compiled = compileRule(body, { version, fromMs, enabled, ...(replaces ? { replaces } : {}) });
    return typeof compiled === "string" ? [] : [compiled];
  });
  return versions.length > 0 ? [{ id: stored.id, stored, layer: stored.scope.kind, versions }] : [];
}

function indexed(rules: readonly LiveRule[], memberships: Awaited<ReturnType<typeof loadMemberships>>): ClinicRules {
  const scopeId = ({ stored }: LiveRule) => stored.scope.id ?? "";
  const byGroup = Map.groupBy(
    rules.filter(({ layer }) => layer === "group"),
    scopeId,
  );
  const ofGroups = new Map<string, { membership: Membership; rules: readonly LiveRule[] }[]>();
  for (const [groupId, own] of byGroup) {
    for (const [patientId, times] of memberships.get(groupId) ?? []) {
      const known = ofGroups.get(patientId) ?? [];
      ofGroups.set(patientId, [...known, ...times.map((membership) => ({ membership, rules: own }))]);
    }
  }
  return {
    byId: new Map(rules.map((rule) => [rule.id, rule])),
    ofClinic: rules.filter(({ layer }) => layer === "clinic"),
    ofPatient: Map.groupBy(
      rules.filter(({ layer }) => layer === "patient"),
      scopeId,
    ),
    ofGroups,
  };
}

/** Rules that are for a patient at an instant, whatever they stand in place of. `isLayered`: not all of them are the clinic's. */
export function candidatesFor(
  { ofClinic, ofPatient, ofGroups }: ClinicRules,
  patientId: string,
  receivedMs: number,
): { readonly candidates: readonly LiveRule[]; readonly isLayered: boolean } {
  const own = ofPatient.get(patientId) ?? [];
  const groups = ofGroups.get(patientId)?.filter(({ membership: [fromMs, untilMs] }) => fromMs <= receivedMs && receivedMs < untilMs) ?? [];
  if (own.length === 0 && groups.length === 0) return { candidates: ofClinic, isLayered: false };
  return { candidates: [...ofClinic, ...groups.flatMap(({ rules }) => rules), ...own], isLayered: true };
}
