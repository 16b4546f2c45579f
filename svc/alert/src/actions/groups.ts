import type { BodyOf } from "@episante/contracts/endpoint";
import type { ClinicId, GroupId } from "@episante/contracts/ids";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { createGroup as createEndpoint, PatientGroup, putGroup as putEndpoint } from "@episante/contracts/rule-layers";
import { type Actor, clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { type Grant, grant, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { AlertDeps } from "../deps.ts";
import { findGroup, type GroupRow, listGroups as listRows, moveMembers, writeGroup } from "../storage/groups.ts";
import { isKnownInClinics, treatedInClinic } from "../storage/relationships.ts";
import { hasRules, tellEngines } from "../storage/rules.ts";

interface Facts {
  readonly actor: Actor;
  readonly tx: Tx;
  readonly now: number;
}

function grantClinics({ actor }: { actor: Actor }): Grant | Refusal {
  const clinics = clinicIdsOf(actor, "doctor");
  return clinics.length > 0 ? grant.clinics(clinics) : refuse("not-found");
}

/** As `grantClinics`, for what names or shows patients: it is refused while nobody knows who treats whom. */
function grantFresh({ actor, deps }: { actor: Actor; deps: AlertDeps }): Grant | Refusal {
  return deps.relationships.fresh() ? grantClinics({ actor }) : refuse("mirror-stale");
}

/** Groups of the caller's clinics, each with those patients whom the caller treats there. */
export const listGroups = defineAction<AlertDeps, Record<string, never>, { items: PatientGroup[] }>({
  name: "alert.list-groups",
  access: grantFresh,
  run: async (facts) => {
    const items: PatientGroup[] = [];
    for (const group of await listRows(facts.tx)) items.push(await shown(facts, group));
    facts.audit({ patientIds: [...new Set(items.flatMap(({ patientIds }) => patientIds))] });
    return { items };
  },
});

export const createGroup = defineAction<AlertDeps, BodyOf<typeof createEndpoint>, PatientGroup>({
  name: "alert.create-group",
  access: grantFresh,
  run: async ({ actor, input, tx, now, audit }) => {
    const clinicId = clinicIdsOf(actor, "doctor").find((id) => input.clinicId === undefined || id === input.clinicId) as
      | ClinicId
      | undefined;
    if (!clinicId) return refuse("not-found");
    const id = newId("grp", now);
    audit({ entity: { type: "patient-group", id }, patientIds: input.patientIds });
    return write({ actor, tx, now }, { id, clinicId, name: input.name, patientIds: [], changedAtMs: now }, input);
  },
});

/** Who is in a group changes what judges readings received from now on. Patients whom the caller does not treat stay as they are. */
export const putGroup = defineAction<AlertDeps, BodyOf<typeof putEndpoint> & { id: GroupId }, PatientGroup>({
  name: "alert.put-group",
  access: grantFresh,
  run: async ({ actor, input, tx, now, audit }) => {
    audit({ entity: { type: "patient-group", id: input.id }, patientIds: input.patientIds });
    const before = await findGroup(tx, input.id);
    if (!before) return refuse("not-found");
    const after = await write({ actor, tx, now }, before, input);
    if (isRefusal(after)) return after;
    audit({ patientIds: before.patientIds.filter((id) => !after.patientIds.includes(id)) });
    return after;
  },
});

/** Dissolves a group that has no rules any more. */
export const deleteGroup = defineAction<AlertDeps, { id: GroupId }, Record<string, never>>({
  name: "alert.delete-group",
  access: grantClinics,
  run: async ({ actor, input, tx, now, audit }) => {
    audit({ entity: { type: "patient-group", id: input.id } });
    const before = await findGroup(tx, input.id);
    if (!before) return refuse("not-found");
    if (await hasRules(tx, input.id)) return refuse("wrong-state", { detail: "Retire the group's rules first" });
    audit({ patientIds: before.patientIds });
    await moveMembers(tx, input.id, { added: [], removed: before.patientIds }, now);
    await writeGroup(tx, changed(before, actor, now), true);
    return {};
  },
});

/** Writes name and members. Only patients whom the caller treats in the clinic are put in or taken out. */
async function write(
  facts: Facts,
  before: GroupRow,
  { name, patientIds: wanted }: { readonly name: string; readonly patientIds: GroupRow["patientIds"] },
): Promise<PatientGroup | Refusal> {
  const { actor, tx, now } = facts;
  const treated = await treatedBy(facts, before.clinicId, [...before.patientIds, ...wanted]);
  const added = [...new Set(wanted)].filter((id) => !before.patientIds.includes(id));
  for (const id of added) {
    if (treated.has(id)) continue;
    return refuse((await isKnownInClinics(tx, id, [before.clinicId])) ? "care-relationship-required" : "not-found");
  }
  const removed = before.patientIds.filter((id) => treated.has(id) && !wanted.includes(id));
  const after = {
    ...changed(before, actor, now),
    name,
    patientIds: [...before.patientIds.filter((id) => !removed.includes(id)), ...added].sort(),
  };
  await writeGroup(tx, after);
  await moveMembers(tx, after.id, { added, removed }, now);
  await tellEngines(tx);
  return shown(facts, after);
}

function changed(group: GroupRow, actor: Actor, now: number): GroupRow {
  return { ...group, changedAtMs: now, ...(actor.kind === "user" ? { changedBy: actor.accountId } : {}) };
}

const treatedBy = ({ actor, tx, now }: Facts, clinicId: string, patientIds: readonly string[]) =>
  treatedInClinic(tx, { doctorIds: doctorIdsOf(actor), clinicId }, now, patientIds);

async function shown(facts: Facts, { id, clinicId, name, patientIds, changedAtMs, changedBy }: GroupRow): Promise<PatientGroup> {
  const treated = await treatedBy(facts, clinicId, patientIds);
  const own = patientIds.filter((patientId) => treated.has(patientId));
  const changedAt = new Date(changedAtMs).toISOString();
  return {
    id,
    clinicId,
    name,
    patientIds: own,
    otherPatients: patientIds.length - own.length,
    changedAt,
    ...(changedBy ? { changedBy } : {}),
  };
}
