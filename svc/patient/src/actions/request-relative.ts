import type { BodyOf } from "@episante/contracts/endpoint";
import type { requestRelative as endpoint, Relative } from "@episante/contracts/patient";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { PatientDeps } from "../deps.ts";
import { dayAt } from "../domain/civil-day.ts";
import { endOfLastDay, judgeBasis, majorityOf, mostLinks, narrow, statusOf } from "../domain/proxy.ts";
import { foldName } from "../domain/search.ts";
import { findZone, listClinicsFor } from "../storage/clinics.ts";
import { rememberClinic } from "../storage/patients.ts";
import { insertProxy, listLinksOf, matchPatient, type ProxyRow, timesOf } from "../storage/proxies.ts";
import { lockPatient } from "../storage/relationships.ts";
import { ownPatientId } from "./decide-access.ts";
import { readMyProfile } from "./read-my-profile.ts";
import { relativeOf } from "./shape-proxy.ts";

type Input = BodyOf<typeof endpoint>;

const request = defineAction<PatientDeps, Input, Relative>({
  name: "patient.request-relative",
  access: ({ actor }) => grant.patients([ownPatientId(actor)]),
  run: async ({ actor, input, tx, now, audit }) => {
    const proxyPatientId = ownPatientId(actor);
    const clinicId = input.clinicId ?? (await listClinicsFor(tx, proxyPatientId))[0]?.id;
    const zone = clinicId ? await findZone(tx, clinicId) : null;
    if (!clinicId || !zone) return refuse("not-found");
    if (input.birthDate > dayAt(zone, now)) return invalid("birthDate", "lies in the future");
    const wrongBasis = judgeBasis(input.basis, majorityOf(input.birthDate, zone) > now);
    if (wrongBasis) return wrongBasis;
    const endsMs = input.until === undefined ? null : endOfLastDay(input.until, zone, now);
    if (isRefusal(endsMs)) return endsMs;
    await lockPatient(tx, proxyPatientId);
    const open = (await listLinksOf(tx, proxyPatientId)).filter(
      (row) => row.proxyPatientId === proxyPatientId && statusOf(timesOf(row), now) !== "ended",
    );
    if (open.length >= mostLinks) return refuse("too-many-requests");
    const asked = { searchName: foldName(`${input.familyName} ${input.givenName}`), birthDate: input.birthDate };
    const same = open.find((row) => row.verifiedAt === null && sameAsked(row, input));
    if (same) return relativeOf(same, proxyPatientId, undefined, now);
    const fileNumber = input.fileNumber?.trim().toUpperCase() || null;
    const matched = fileNumber ? await matchPatient(tx, { ...asked, fileNumber }) : null;
    if (matched === proxyPatientId) return invalid("fileNumber", "is your own");
    const row: ProxyRow = {
      id: newId("prx", now),
      patientId: matched ?? newId("pat", now),
      isMatched: matched !== null,
      proxyPatientId,
      clinicId,
      basis: input.basis,
      scopes: narrow(input.scopes, undefined),
      askedGivenName: input.givenName,
      askedFamilyName: input.familyName,
      askedBirthDate: input.birthDate,
      askedFileNumber: fileNumber,
      requestedAt: new Date(now),
      verifiedAt: null,
      verifiedAs: null,
      verifiedBy: null,
      seen: null,
      lastDay: input.until ?? null,
      endsAt: endsMs === null ? null : new Date(endsMs),
      reviewAt: null,
      closedAt: null,
      closedAs: null,
      closedBy: null,
    };
    await insertProxy(tx, row);
    // The clinic must know who asks, to look at the proof with the person in front of it.
    await rememberClinic(tx, proxyPatientId, clinicId, new Date(now));
    audit({ entity: { type: "proxy", id: row.id }, clinicIds: [clinicId], ...(matched ? { patientIds: [matched] } : {}) });
    return relativeOf(row, proxyPatientId, undefined, now);
  },
});

/** Asks to act for somebody; a repeat answers the request there is. Nobody learns from the answer whether the relative has a file. */
export async function requestRelative(deps: PatientDeps, actor: Actor, input: Input, meta: ActionMeta): Promise<Relative | Refusal> {
  const own = await readMyProfile(deps, actor, meta);
  return isRefusal(own) ? own : request(deps, actor, input, meta);
}

function sameAsked(row: ProxyRow, input: Input): boolean {
  const name = (given: string, family: string) => foldName(`${family} ${given}`);
  return (
    row.askedBirthDate === input.birthDate &&
    name(row.askedGivenName, row.askedFamilyName) === name(input.givenName, input.familyName) &&
    (row.askedFileNumber ?? "") === (input.fileNumber?.trim().toUpperCase() ?? "")
  );
}

function invalid(path: string, message: string): Refusal {
  return refuse("invalid-input", { errors: [{ path, message }] });
}
