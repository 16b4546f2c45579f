import type { BodyOf } from "@episante/contracts/endpoint";
import type { acceptRelative as endpoint, Relative } from "@episante/contracts/patient";
import { isRefusal, refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { basisOfConsent, endOfLastDay, majorityOf, narrow, statusOf } from "../domain/proxy.ts";
import { findZone } from "../storage/clinics.ts";
import { findPatient } from "../storage/patients.ts";
import { findParties, hasOtherLink, listLinkedPeople, lockProxy, saveProxy, timesOf } from "../storage/proxies.ts";
import { lockPatient } from "../storage/relationships.ts";
import { ownPatientId } from "./decide-access.ts";
import { proxyChangeOf, relativeOf } from "./shape-proxy.ts";

/** The grown-up relative agrees to a request, or to a link that went to review at the 18th birthday; minors cannot. */
export const acceptRelative = defineAction<PatientDeps, BodyOf<typeof endpoint> & { id: string }, Relative>({
  name: "patient.accept-relative",
  access: async ({ actor, input, tx }) => {
    const parties = await findParties(tx, input.id);
    return parties?.patientId === ownPatientId(actor) ? grant.patients([parties.patientId]) : refuse("not-found");
  },
  run: async ({ actor, input, tx, now, emit, audit }) => {
    const patientId = ownPatientId(actor);
    await lockPatient(tx, patientId);
    const [row, patient] = [await lockProxy(tx, input.id), await findPatient(tx, patientId)];
    if (!row || !patient) return refuse("not-found");
    const status = statusOf(timesOf(row), now);
    if (status === "ended") return refuse("not-found");
    const zone = (await findZone(tx, row.clinicId)) ?? "UTC";
    if (status === "active" || majorityOf(patient.birthDate, zone) > now) return refuse("wrong-state");
    if (await hasOtherLink(tx, row, new Date(now))) return refuse("wrong-state");
    const scopes = narrow(row.scopes, input.scopes);
    if (scopes.length === 0) return refuse("invalid-input", { errors: [{ path: "scopes", message: "one of those asked for" }] });
    const endsMs = input.until === undefined ? (row.endsAt?.getTime() ?? null) : endOfLastDay(input.until, zone, now);
    if (isRefusal(endsMs)) return endsMs;
    const saved = await saveProxy(tx, row.id, {
      scopes,
      basis: basisOfConsent(row.basis),
      lastDay: input.until ?? row.lastDay,
      endsAt: endsMs === null ? null : new Date(endsMs),
      reviewAt: null,
      verifiedAt: new Date(now),
      verifiedAs: "patient",
      verifiedBy: actor.kind === "user" ? actor.accountId : "",
      seen: null,
    });
    await emit("proxy.changed", proxyChangeOf(saved));
    audit({ entity: { type: "proxy", id: row.id }, clinicIds: [row.clinicId], patientIds: [row.proxyPatientId] });
    return relativeOf(saved, patientId, (await listLinkedPeople(tx, patientId)).get(row.id), now);
  },
  settle: true,
});
