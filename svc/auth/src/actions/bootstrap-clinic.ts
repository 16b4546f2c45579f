import type { bootstrap as endpoint } from "@episante/contracts/auth";
import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { ClinicId } from "@episante/contracts/ids";
import { isRefusal, refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { AuthDeps } from "../deps.ts";
import { findClinic, insertClinic } from "../storage/clinics.ts";
import { createInvitation } from "./invite-member.ts";

/** For the operator: creates a clinic with an invited first admin, or invites an admin to the clinic that is named. Exactly one of both. */
export const bootstrapClinic = defineAction<AuthDeps, BodyOf<typeof endpoint>, ResponseOf<typeof endpoint>>({
  name: "auth.bootstrap",
  access: () => grant.system("auth.bootstrap"),
  run: async ({ input, deps, tx, now, emit, audit }) => {
    if ((input.clinicId === undefined) === (input.clinic === undefined)) {
      return refuse("invalid-input", { errors: [{ path: "clinic", message: "give either clinic or clinicId" }] });
    }
    if (input.clinicId && !(await findClinic(tx, input.clinicId))) return refuse("not-found");
    const clinicId: ClinicId = input.clinicId ?? newId("cli", now);
    if (input.clinic) {
      await insertClinic(tx, { ...input.clinic, id: clinicId, createdAt: new Date(now) });
      await emit("clinic.changed", { ...input.clinic, clinicId });
    }
    const invited = await createInvitation(tx, deps, emit, { ...input.admin, clinicId, role: "admin" }, now);
    if (isRefusal(invited)) return invited;
    audit({ clinicIds: [clinicId], entity: { type: "membership", id: invited.id } });
    return { clinicId, invitation: invited.invitation, expiresAt: invited.expiresAt };
  },
  settle: true,
});
