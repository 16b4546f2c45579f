import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { findOpenRelationship, lockPatient, saveRelationship } from "../storage/relationships.ts";
import { ownPatientId } from "./decide-access.ts";
import { changeOf } from "./shape.ts";

/** The patient ends a care relationship, at once and whatever visits back it; a later booking opens a new one. */
export const endRelationship = defineAction<PatientDeps, { id: string; relationshipId: string }, undefined>({
  name: "patient.end-relationship",
  access: ({ actor, input }) => (ownPatientId(actor) === input.id ? grant.patients([input.id]) : refuse("not-found")),
  run: async ({ input, tx, now, emit, audit }) => {
    const at = new Date(now);
    await lockPatient(tx, input.id);
    const open = await findOpenRelationship(tx, input.id, input.relationshipId, at);
    if (!open) return refuse("not-found");
    const ended = await saveRelationship(tx, open.id, { endsAt: at, closedAt: at });
    await emit("relationship.changed", changeOf(ended));
    audit({ entity: { type: "relationship", id: ended.id }, clinicIds: [ended.clinicId] });
    return undefined;
  },
  settle: true,
});
