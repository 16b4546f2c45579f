import { type Refusal, refuse } from "@episante/contracts/problem";
import type { Resource } from "@episante/contracts/resource";
import { type Actor, clinicIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { type Grant, grant, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { Deps } from "../deps.ts";
import { findResource, listResources, openResources, saveResource } from "../storage/resources.ts";
import { accessClinic } from "./clinic-access.ts";

const mostResources = 200;
type Said = Pick<Resource, "name" | "type">;

/** A room or device is found by staff and administrators of its clinic. */
async function accessOne({ actor, input, tx }: { actor: Actor; input: { id: string }; tx: Tx }): Promise<Grant | Refusal> {
  const found = await findResource(tx, input.id);
  const isAllowed = found && clinicIdsOf(actor, "staff", "admin").includes(found.clinicId);
  return isAllowed ? grant.clinics([found.clinicId]) : refuse("not-found");
}

/** Rooms and devices of a clinic, retired ones too. */
export const showResources = defineAction<Deps, { clinicId: string }, { items: Resource[] }>({
  name: "appointment.list-resources",
  access: accessClinic("doctor", "staff", "admin"),
  run: async ({ input, tx }) => ({ items: await listResources(tx, input.clinicId) }),
});

/** Adds a room or device. */
export const addResource = defineAction<Deps, { clinicId: Resource["clinicId"] } & Said, Resource>({
  name: "appointment.add-resource",
  access: accessClinic("staff", "admin"),
  run: async ({ input: { clinicId, name, type }, tx, now, audit }) => {
    await openResources(tx, clinicId);
    const known = await listResources(tx, clinicId);
    if (known.length >= mostResources)
      return refuse("invalid-input", { errors: [{ path: "", message: `a clinic has at most ${mostResources} rooms and devices` }] });
    const resource = { id: newId("res", now), clinicId, name: name.toWellFormed(), type, isActive: true };
    await saveResource(tx, resource);
    audit({ entity: { type: "resource", id: resource.id } });
    return resource;
  },
});

/** Changes a room or device. Visits that have it keep it. */
export const changeResource = defineAction<Deps, Said & Pick<Resource, "id" | "isActive">, Resource>({
  name: "appointment.put-resource",
  access: accessOne,
  run: async ({ input: { id, name, type, isActive }, tx, audit }) =>
    change(tx, id, audit, (known) => ({ ...known, name: name.toWellFormed(), type, isActive })),
});

/** Lets no further visit have a room or device. */
export const retireResource = defineAction<Deps, Pick<Resource, "id">, undefined>({
  name: "appointment.retire-resource",
  access: accessOne,
  run: async ({ input, tx, audit }) => {
    await change(tx, input.id, audit, (known) => ({ ...known, isActive: false }));
    return undefined;
  },
});

async function change(
  tx: Tx,
  id: string,
  audit: (note: { entity: { type: string; id: string } }) => void,
  edit: (known: Resource) => Resource,
): Promise<Resource | Refusal> {
  const found = await findResource(tx, id);
  if (!found) return refuse("not-found");
  await openResources(tx, found.clinicId);
  // Once more: it may have changed while this waited.
  const changed = edit((await findResource(tx, id)) ?? found);
  await saveResource(tx, changed);
  audit({ entity: { type: "resource", id } });
  return changed;
}
