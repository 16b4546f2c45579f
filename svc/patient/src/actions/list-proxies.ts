import type { QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import type { listProxies as endpoint } from "@episante/contracts/patient";
import { refuse } from "@episante/contracts/problem";
import { clinicIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { statusOf } from "../domain/proxy.ts";
import { foldName } from "../domain/search.ts";
import { findPeople, listCandidates, listLinksOfClinics, timesOf } from "../storage/proxies.ts";
import { proxyLinkOf } from "./shape-proxy.ts";

/** Links that the actor's clinics handle: all that wait, or those of one patient; ended ones are left out. */
export const listProxies = defineAction<PatientDeps, QueryOf<typeof endpoint>, ResponseOf<typeof endpoint>>({
  name: "patient.list-proxies",
  access: ({ actor }) => {
    const clinics = clinicIdsOf(actor, "staff", "admin");
    return clinics.length > 0 ? grant.clinics(clinics) : refuse("forbidden");
  },
  run: async ({ actor, input, tx, now, audit }) => {
    const rows = (await listLinksOfClinics(tx, clinicIdsOf(actor, "staff", "admin"), input.patientId)).filter((row) => {
      const status = statusOf(timesOf(row), now);
      return input.status ? status === input.status : status !== "ended";
    });
    const people = await findPeople(
      tx,
      rows.flatMap((row) => [row.proxyPatientId, row.patientId]),
    );
    const items: NonNullable<ReturnType<typeof proxyLinkOf>>[] = [];
    for (const row of rows) {
      const searchName = foldName(`${row.askedFamilyName} ${row.askedGivenName}`);
      const candidates = row.verifiedAt ? [] : await listCandidates(tx, { searchName, birthDate: row.askedBirthDate });
      const item = proxyLinkOf(row, people, candidates, now);
      if (item) items.push(item);
    }
    audit({
      patientIds: items.flatMap((item) => [item.proxy.id, ...(item.patient ? [item.patient.id] : item.candidates.map(({ id }) => id))]),
    });
    return { items };
  },
});
