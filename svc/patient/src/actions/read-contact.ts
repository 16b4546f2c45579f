import type { ResponseOf } from "@episante/contracts/endpoint";
import type { AccountId, PatientId } from "@episante/contracts/ids";
import type { patientContact } from "@episante/contracts/patient";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { findPatient } from "../storage/patients.ts";

/** For the notification service at send time: which account to write to, in which language. */
export const readContact = defineAction<PatientDeps, { id: PatientId }, ResponseOf<typeof patientContact>>({
  name: "patient.contact",
  access: ({ input }) => grant.patients([input.id]),
  run: async ({ input, tx }) => {
    const row = await findPatient(tx, input.id);
    if (!row) return refuse("not-found");
    const { accountId, givenName, locale } = row;
    return { patientId: input.id, givenName, locale, ...(accountId ? { accountId: accountId as AccountId } : {}) };
  },
});
