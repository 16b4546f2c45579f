import type { updateClinic as endpoint } from "@episante/contracts/auth";
import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { ClinicId } from "@episante/contracts/ids";
import { refuse } from "@episante/contracts/problem";
import { clinicIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AuthDeps } from "../deps.ts";
import { saveClinic } from "../storage/clinics.ts";

/** Changes a clinic's public facts; for its admins, to everybody else it does not exist. */
export const updateClinic = defineAction<AuthDeps, { id: ClinicId; facts: BodyOf<typeof endpoint> }, ResponseOf<typeof endpoint>>({
  name: "auth.update-clinic",
  access: ({ actor, input }) => (clinicIdsOf(actor, "admin").includes(input.id) ? grant.clinics([input.id]) : refuse("not-found")),
  run: async ({ input, tx, emit, audit }) => {
    const saved = await saveClinic(tx, input.id, input.facts);
    if (!saved) return refuse("not-found");
    await emit("clinic.changed", { ...input.facts, clinicId: input.id });
    audit({ entity: { type: "clinic", id: input.id } });
    return { ...input.facts, id: input.id };
  },
  settle: true,
});
