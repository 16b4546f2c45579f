import type { ResponseOf } from "@episante/contracts/endpoint";
import type { AccountId, PatientId } from "@episante/contracts/ids";
import type { patientContact } from "@episante/contracts/patient";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { findPatient } from "../storage/patients.ts";
import { findContactProxy } from "../storage/proxies.ts";

/**
 * For the notification service at send time: which account to write to, in which language. About a patient without an account the relative
 * who may book is told.
 */
export const readContact = defineAction<PatientDeps, { id: PatientId }, ResponseOf<typeof patientContact>>({
  name: "patient.contact",
  access: async ({ input, tx, now }) => {
    const proxyId = await findContactProxy(tx, input.id, new Date(now));
    return grant.patients(proxyId ? [input.id, proxyId] : [input.id]);
  },
  run: async ({ input, tx, now }) => {
    const row = await findPatient(tx, input.id);
    if (!row) return refuse("not-found");
    const proxyId = row.accountId ? null : await findContactProxy(tx, input.id, new Date(now));
    const proxy = proxyId ? await findPatient(tx, proxyId) : null;
    const { accountId, givenName, locale } = proxy?.accountId ? proxy : row;
    return {
      patientId: input.id,
      givenName,
      locale,
      ...(accountId ? { accountId: accountId as AccountId } : {}),
      ...(proxy?.accountId ? { relative: { givenName: row.givenName } } : {}),
    };
  },
});
