import type { Id } from "@episante/contracts/ids";
import type { ProxyLink, Relative } from "@episante/contracts/patient";
import { grantsUntil, statusOf } from "../domain/proxy.ts";
import type { PatientRow } from "../storage/patients.ts";
import { type ProxyRow, timesOf } from "../storage/proxies.ts";
import { patientMinOf } from "./shape.ts";

interface Name {
  readonly givenName: string;
  readonly familyName: string;
  readonly birthDate: string | null;
}

function factsOf(row: ProxyRow, nowMs: number) {
  return {
    id: row.id as Id<"prx">,
    status: statusOf(timesOf(row), nowMs),
    basis: row.basis,
    scopes: row.scopes,
    requestedAt: row.requestedAt.toISOString(),
    ...(row.lastDay ? { until: row.lastDay } : {}),
    ...(row.reviewAt ? { reviewAt: row.reviewAt.toISOString() } : {}),
    ...(row.verifiedAt ? { verifiedAt: row.verifiedAt.toISOString() } : {}),
    ...(row.verifiedAs ? { verifiedBy: row.verifiedAs } : {}),
  };
}

/** A link as one of its two people sees it. @param other how the other person is called, when the reader may know */
export function relativeOf(row: ProxyRow, readerId: string, other: Name | undefined, nowMs: number): Relative {
  const facts = factsOf(row, nowMs);
  const role = row.proxyPatientId === readerId ? "proxy" : "patient";
  const asked = { givenName: row.askedGivenName, familyName: row.askedFamilyName, birthDate: row.askedBirthDate };
  const { givenName, familyName, birthDate } = other ?? asked;
  const patientId = role === "patient" ? row.proxyPatientId : facts.status === "active" ? row.patientId : undefined;
  return {
    ...facts,
    role,
    person: { givenName, familyName, ...(birthDate ? { birthDate } : {}), ...(patientId ? { patientId: patientId as Id<"pat"> } : {}) },
  };
}

/** A link as staff see it. */
export function proxyLinkOf(
  row: ProxyRow,
  people: ReadonlyMap<string, PatientRow>,
  candidates: readonly PatientRow[],
  nowMs: number,
): ProxyLink | null {
  const proxy = people.get(row.proxyPatientId);
  if (!proxy) return null;
  const patient = row.verifiedAt ? people.get(row.patientId) : undefined;
  return {
    ...factsOf(row, nowMs),
    clinicId: row.clinicId as Id<"cli">,
    asked: {
      givenName: row.askedGivenName,
      familyName: row.askedFamilyName,
      birthDate: row.askedBirthDate,
      ...(row.askedFileNumber ? { fileNumber: row.askedFileNumber } : {}),
    },
    proxy: patientMinOf(proxy),
    ...(patient ? { patient: patientMinOf(patient) } : {}),
    candidates: candidates.map(patientMinOf),
    ...(row.seen && row.verifiedBy ? { evidence: { seen: row.seen, accountId: row.verifiedBy as Id<"acc"> } } : {}),
  };
}

/** A verified link as its event tells it: who may do what for whom, and until when. */
export function proxyChangeOf(row: ProxyRow) {
  const until = grantsUntil(timesOf(row));
  return {
    proxyId: row.id as Id<"prx">,
    patientId: row.patientId as Id<"pat">,
    proxyPatientId: row.proxyPatientId as Id<"pat">,
    clinicId: row.clinicId as Id<"cli">,
    scopes: row.scopes,
    from: (row.verifiedAt ?? row.requestedAt).toISOString(),
    ...(until === null ? {} : { until: new Date(until).toISOString() }),
  };
}
