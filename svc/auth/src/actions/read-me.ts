import type { me } from "@episante/contracts/auth";
import type { ResponseOf } from "@episante/contracts/endpoint";
import type { AccountId, ClinicId, DoctorId, PatientId } from "@episante/contracts/ids";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import type { AuthDeps } from "../deps.ts";
import { findAccount } from "../storage/accounts.ts";
import { listActiveMemberships } from "../storage/memberships.ts";
import { touchSession } from "../storage/sessions.ts";
import { ownAccountGrant, userOf } from "./own-account.ts";

/** The signed-in account with its memberships and preferences. */
export const readMe = defineAction<AuthDeps, object, ResponseOf<typeof me>>({
  name: "auth.me",
  access: ({ actor }) => ownAccountGrant(actor),
  run: async ({ actor, deps, tx }) => {
    const { accountId, sessionHash } = userOf(actor);
    const account = await findAccount(tx, accountId);
    if (!account) return refuse("not-signed-in");
    await touchSession(tx, sessionHash, new Date(deps.realNow()));
    const memberships = await listActiveMemberships(tx, accountId);
    return {
      accountId: account.id as AccountId,
      email: account.email,
      displayName: `${account.givenName} ${account.familyName}`,
      ...(account.patientId ? { patientId: account.patientId as PatientId } : {}),
      memberships: memberships.map(({ doctorId, clinicId, ...held }) => ({
        ...held,
        clinicId: clinicId as ClinicId,
        ...(doctorId ? { doctorId: doctorId as DoctorId } : {}),
      })),
      preferences: account.preferences,
      demo: account.demo,
    };
  },
});
