import type { listMembers as endpoint } from "@episante/contracts/auth";
import type { ResponseOf } from "@episante/contracts/endpoint";
import type { AccountId, ClinicId, DoctorId } from "@episante/contracts/ids";
import { refuse } from "@episante/contracts/problem";
import { clinicIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AuthDeps } from "../deps.ts";
import { listClinicMembers } from "../storage/memberships.ts";

/** Members of the own clinics. Admins see every state and the e-mail; colleagues see who is active, with an empty e-mail. */
export const listMembers = defineAction<AuthDeps, object, ResponseOf<typeof endpoint>>({
  name: "auth.list-members",
  access: ({ actor }) => {
    const clinics = clinicIdsOf(actor, "admin", "staff", "doctor");
    return clinics.length > 0 ? grant.clinics(clinics) : refuse("forbidden");
  },
  run: async ({ actor, tx }) => {
    const administered = clinicIdsOf(actor, "admin");
    const others = clinicIdsOf(actor).filter((id) => !administered.includes(id));
    const rows = [
      ...(await listClinicMembers(tx, administered, ["invited", "active", "ended"])),
      ...(await listClinicMembers(tx, others, ["active"])).map((row) => ({ ...row, email: "" })),
    ];
    return {
      items: rows.map(({ givenName, familyName, doctorId, id, accountId, clinicId, ...row }) => ({
        ...row,
        id: id as `mbr_${string}`,
        accountId: accountId as AccountId,
        clinicId: clinicId as ClinicId,
        displayName: `${givenName} ${familyName}`,
        ...(doctorId ? { doctorId: doctorId as DoctorId } : {}),
      })),
    };
  },
});
