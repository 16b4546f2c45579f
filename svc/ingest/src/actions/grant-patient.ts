import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import { type Grant, grant, type Tx } from "@episante/service/db";
import type { IngestDeps } from "../deps.ts";
import { decideAccess } from "../domain/access.ts";
import { isKnownInClinics, treatedPatients } from "../storage/relationships.ts";

interface AccessFacts {
  readonly actor: Actor;
  readonly deps: Pick<IngestDeps, "relationships">;
  readonly tx: Tx;
  readonly now: number;
}

/** Grants one patient's devices and readings to the patient and to doctors who treat them. @param clinicId clinic of the device, when there is one */
export async function grantPatient({ actor, deps, tx, now }: AccessFacts, patientId: string, clinicId?: string): Promise<Grant | Refusal> {
  if (actor.kind === "user" && actor.patientId === patientId) return grant.patients([patientId]);
  if (!deps.relationships.fresh()) return refuse("mirror-stale");
  const clinics = clinicIdsOf(actor, "doctor");
  const treated = await treatedPatients(tx, doctorIdsOf(actor), now, [patientId]);
  const isKnownInClinic = (clinicId !== undefined && clinics.includes(clinicId)) || (await isKnownInClinics(tx, patientId, clinics));
  const decision = decideAccess(actor, { patientId, isTreated: treated.length > 0, isKnownInClinic });
  return decision === "granted" ? grant.patients([patientId]) : refuse(decision);
}

/** Grants everything the caller may see: own data, and that of the patients they treat now. */
export async function grantAllPatients({ actor, deps, tx, now }: AccessFacts): Promise<Grant | Refusal> {
  const own = actor.kind === "user" && actor.patientId ? [actor.patientId] : [];
  const doctorIds = doctorIdsOf(actor);
  if (doctorIds.length === 0) return grant.patients(own);
  if (!deps.relationships.fresh()) return refuse("mirror-stale");
  return grant.patients([...new Set([...own, ...(await treatedPatients(tx, doctorIds, now))])]);
}
