import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { type Grant, grant, patientsOf, type Tx } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { decideAccess } from "../domain/access.ts";
import { type Askers, type Reach, reachAmongPatients, reachOf } from "../storage/reach.ts";
import { isKnownInClinics } from "../storage/relationships.ts";

interface AccessFacts {
  readonly actor: Actor;
  readonly deps: Pick<AlertDeps, "relationships">;
  readonly tx: Tx;
  readonly now: number;
}

/** Why somebody saw alerts of a patient they do not treat, in the audit record. */
export const pagedReason = "paged";

/** As whom callers ask: doctor ids, and accounts that are a doctor somewhere. */
export function askersOf(actors: readonly Actor[]): Askers {
  const doctors = actors.flatMap((actor) => (actor.kind === "user" && doctorIdsOf(actor).length > 0 ? [actor] : []));
  return { doctorIds: [...new Set(doctors.flatMap(doctorIdsOf))], accountIds: [...new Set(doctors.map(({ accountId }) => accountId))] };
}

/**
 * What a caller may be shown of others' alerts, for list, feed and verbs alike: everything of patients one of their doctor ids treats; of those
 * whose alerts called them, what belongs to that clinic, while they are a doctor there.
 */
export function grantWithin({ treated, paged }: Reach, actor: Actor, own: readonly string[] = []): Grant {
  const ids = new Set([...own, ...doctorIdsOf(actor).flatMap((doctorId) => treated.get(doctorId) ?? [])]);
  const clinics = clinicIdsOf(actor, "doctor");
  const called = actor.kind === "user" ? (paged.get(actor.accountId) ?? []) : [];
  const pairs = called.filter(({ patientId, clinicId }) => clinics.includes(clinicId) && !ids.has(patientId));
  return grant.patients([...ids].sort(), { pairs, reason: pagedReason });
}

/**
 * Grants one patient's alerts to the patient, to doctors who treat them, and to doctors who were called by one of them.
 * @param clinicId clinic of the alert, when there is one
 */
export async function grantPatient({ actor, deps, tx, now }: AccessFacts, patientId: string, clinicId?: string): Promise<Grant | Refusal> {
  if (actor.kind === "user" && actor.patientId === patientId) return grant.patients([patientId]);
  if (!deps.relationships.fresh()) return refuse("mirror-stale");
  const clinics = clinicIdsOf(actor, "doctor");
  const reach = await reachAmongPatients(tx, askersOf([actor]), now, [patientId]);
  const granted = grantWithin(reach, actor);
  const isTreated = granted.kind === "patients" && granted.ids.includes(patientId);
  const pairs = granted.kind === "patients" ? (granted.inClinic?.pairs ?? []) : [];
  const isPaged = pairs.some((pair) => clinicId === undefined || pair.clinicId === clinicId);
  const isKnownInClinic = (clinicId !== undefined && clinics.includes(clinicId)) || (await isKnownInClinics(tx, patientId, clinics));
  const decision = decideAccess(actor, { patientId, isTreated, isPaged, isKnownInClinic });
  return decision === "granted" ? granted : refuse(decision);
}

/** Grants everything the caller may see: own alerts, and those of the patients they treat now or were called by. */
export async function grantAllPatients({ actor, deps, tx, now }: AccessFacts): Promise<Grant | Refusal> {
  const own = actor.kind === "user" && actor.patientId ? [actor.patientId] : [];
  if (doctorIdsOf(actor).length === 0) return grant.patients(own);
  if (!deps.relationships.fresh()) return refuse("mirror-stale");
  return grantWithin(await reachOf(tx, askersOf([actor]), now), actor, own);
}

/** What a feed may tell a caller: as `grantWithin`, and nothing protected where that is nobody. */
export function feedGrant(reach: Reach, actor: Actor): Grant {
  const granted = grantWithin(reach, actor);
  return patientsOf(granted).length > 0 ? granted : grant.public();
}
