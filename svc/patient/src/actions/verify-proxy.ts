import type { BodyOf } from "@episante/contracts/endpoint";
import type { verifyProxy as endpoint, ProxyLink } from "@episante/contracts/patient";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { clinicIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant, type Tx } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { endOfLastDay, judgeBasis, majorityOf, narrow, statusOf } from "../domain/proxy.ts";
import { foldName } from "../domain/search.ts";
import { findZone } from "../storage/clinics.ts";
import { findPatient, insertPatient, type PatientRow, rememberClinic } from "../storage/patients.ts";
import { findParties, findPeople, hasOtherLink, lockProxy, type ProxyRow, saveProxy, timesOf } from "../storage/proxies.ts";
import { findCareFacts, lockPatient } from "../storage/relationships.ts";
import { proxyChangeOf, proxyLinkOf } from "./shape-proxy.ts";

type Input = BodyOf<typeof endpoint> & { id: string };

/**
 * Staff have seen the proof of a link: it counts from now on. A link in review is verified again the same way, on a grown-up's basis.
 * Nobody verifies a link of their own. A relative without a file gets one, known to the clinic, without an account.
 */
export const verifyProxy = defineAction<PatientDeps, Input, ProxyLink>({
  name: "patient.verify-proxy",
  access: async ({ actor, input, tx, now }) => {
    const parties = await findParties(tx, input.id);
    const clinics = clinicIdsOf(actor, "staff", "admin");
    if (!parties || !clinics.includes(parties.clinicId) || actor.kind !== "user") return refuse("not-found");
    const patientId = input.patientId ?? parties.patientId;
    if (actor.patientId === parties.proxyPatientId || actor.patientId === patientId) return refuse("forbidden");
    if (input.patientId && input.patientId !== parties.patientId && !(await isKnownHere(tx, input.patientId, parties.clinicId, now)))
      return refuse("not-found");
    return grant.patients([parties.proxyPatientId, parties.patientId, patientId]);
  },
  run: async ({ actor, input, tx, now, emit, audit }) => {
    const asked = await lockProxy(tx, input.id);
    if (!asked) return refuse("not-found");
    const status = statusOf(timesOf(asked), now);
    if (status === "ended") return refuse("not-found");
    const patientId = input.patientId ?? asked.patientId;
    if (status === "active" || (status === "review" && patientId !== asked.patientId)) return refuse("wrong-state");
    if (patientId === asked.proxyPatientId) return invalid("patientId", "is the one who asks");
    const zone = (await findZone(tx, asked.clinicId)) ?? "UTC";
    const existing = await findPatient(tx, patientId);
    if (!existing && input.patientId && input.patientId !== asked.patientId) return refuse("not-found");
    const majorityMs = majorityOf(existing?.birthDate ?? asked.askedBirthDate, zone);
    const wrongBasis = judgeBasis(input.basis, majorityMs > now);
    if (wrongBasis) return wrongBasis;
    const endsMs = input.until === undefined ? (asked.endsAt?.getTime() ?? null) : endOfLastDay(input.until, zone, now);
    if (isRefusal(endsMs)) return endsMs;
    const scopes = narrow(asked.scopes, input.scopes);
    if (scopes.length === 0) return invalid("scopes", "one of those asked for");
    await lockPatient(tx, patientId);
    if (await hasOtherLink(tx, { ...asked, patientId }, new Date(now)))
      return refuse("wrong-state", { detail: "These two are linked already." });
    if (!existing) {
      await insertPatient(tx, newFile(asked, await findPatient(tx, asked.proxyPatientId), now));
      await emit("patient.registered", { patientId: patientId as `pat_${string}` });
    }
    await rememberClinic(tx, patientId, asked.clinicId, new Date(now));
    const saved = await saveProxy(tx, asked.id, {
      patientId,
      basis: input.basis,
      scopes,
      lastDay: input.until ?? asked.lastDay,
      endsAt: endsMs === null ? null : new Date(endsMs),
      reviewAt: majorityMs > now ? new Date(majorityMs) : null,
      verifiedAt: new Date(now),
      verifiedAs: "clinic",
      verifiedBy: actor.kind === "user" ? actor.accountId : "",
      seen: input.seen,
    });
    await emit("proxy.changed", proxyChangeOf(saved));
    audit({ entity: { type: "proxy", id: saved.id }, clinicIds: [saved.clinicId], patientIds: [patientId] });
    const people = await findPeople(tx, [saved.proxyPatientId, patientId]);
    return proxyLinkOf(saved, people, [], now) ?? refuse("not-found");
  },
  settle: true,
});

/** Staff choose among patients their clinic knows. */
async function isKnownHere(tx: Tx, patientId: string, clinicId: string, nowMs: number): Promise<boolean> {
  const nobody = { doctorIds: [], doctorClinics: [], actingPatientId: "" };
  const facts = await findCareFacts(tx, { ...nobody, patientId, staffClinics: [clinicId], at: new Date(nowMs) });
  return facts.isKnownToStaff;
}

function newFile(asked: ProxyRow, proxy: PatientRow | null, nowMs: number) {
  const { askedGivenName: givenName, askedFamilyName: familyName, askedBirthDate: birthDate } = asked;
  return {
    id: asked.patientId,
    givenName,
    familyName,
    searchName: foldName(`${familyName} ${givenName}`),
    birthDate,
    locale: proxy?.locale ?? ("fr" as const),
    createdAt: new Date(nowMs),
  };
}

function invalid(path: string, message: string): Refusal {
  return refuse("invalid-input", { errors: [{ path, message }] });
}
