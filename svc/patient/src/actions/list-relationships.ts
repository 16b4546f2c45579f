import type { ResponseOf } from "@episante/contracts/endpoint";
import type { PatientId } from "@episante/contracts/ids";
import type { listRelationships as endpoint } from "@episante/contracts/patient";
import { isRefusal, refuse } from "@episante/contracts/problem";
import { doctorIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { listOpenRelationships } from "../storage/relationships.ts";
import { decideAccess } from "./decide-access.ts";
import { relationshipOf } from "./shape.ts";

/** Relationships that last or are to come: all of them for the patient and relatives who may see the record, the own ones for a treating doctor. */
export const listRelationships = defineAction<PatientDeps, { id: PatientId }, ResponseOf<typeof endpoint>>({
  name: "patient.list-relationships",
  access: async ({ input, ...asking }) => {
    const view = await decideAccess(asking, input.id, "record");
    if (isRefusal(view)) return view;
    return view === "identity" ? refuse("not-found") : grant.patients([input.id]);
  },
  run: async ({ actor, input, tx, now }) => {
    const doctorIds = doctorIdsOf(actor);
    const isTreating = doctorIds.length > 0 && !(actor.kind === "user" && actor.patientId === input.id);
    const rows = await listOpenRelationships(tx, input.id, new Date(now), isTreating ? doctorIds : undefined);
    return { items: rows.map(relationshipOf) };
  },
});
