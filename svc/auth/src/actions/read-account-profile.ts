import type { accountProfile as endpoint } from "@episante/contracts/auth";
import type { ResponseOf } from "@episante/contracts/endpoint";
import type { AccountId, PatientId } from "@episante/contracts/ids";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AuthDeps } from "../deps.ts";
import { findAccount } from "../storage/accounts.ts";

/** For other services: the profile given at registration and the address to write to. */
export const readAccountProfile = defineAction<AuthDeps, { id: AccountId }, ResponseOf<typeof endpoint>>({
  name: "auth.account-profile",
  access: () => grant.system("auth.account-profile"),
  run: async ({ input, tx, audit }) => {
    audit({ entity: { type: "account", id: input.id } });
    const account = await findAccount(tx, input.id);
    if (!account) return refuse("not-found");
    if (account.patientId) audit({ patientIds: [account.patientId] });
    const { email, givenName, familyName, birthDate, locale, patientId } = account;
    return {
      accountId: input.id,
      email,
      givenName,
      familyName,
      locale,
      ...(birthDate ? { birthDate } : {}),
      ...(patientId ? { patientId: patientId as PatientId } : {}),
    };
  },
});
