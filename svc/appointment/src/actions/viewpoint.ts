import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf } from "@episante/contracts/session";
import { type Grant, grant } from "@episante/service/db";

/** True when the actor works in the clinic as doctor or staff. Administrators do not handle visits. */
export function worksAt(actor: Actor, clinicId: string): boolean {
  return clinicIdsOf(actor, "doctor", "staff").includes(clinicId);
}

/**
 * What the actor may see of holds and visits: as a member of the clinic that clinic's, else as a patient the own.
 * Without a known clinic, patients see their own and members those of their clinics. Anybody else: not found.
 */
export function viewOf(actor: Actor, clinicId?: string): Grant | Refusal {
  if (actor.kind !== "user") return refuse("not-found");
  if (clinicId !== undefined && worksAt(actor, clinicId)) return grant.clinics([clinicId]);
  if (actor.patientId) return grant.patients([actor.patientId]);
  const clinics = clinicIdsOf(actor, "doctor", "staff");
  return clinicId === undefined && clinics.length > 0 ? grant.clinics(clinics) : refuse("not-found");
}

/** Account of the actor; only accounts reach these verbs (the endpoints' policies). */
export function accountOf(actor: Actor): string {
  return actor.kind === "user" ? actor.accountId : "";
}
