import { refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf, type UserActor } from "@episante/contracts/session";
import { type Grant, grant } from "@episante/service/db";

/** Row-level context in which an account finds its own row: as a patient, as a member, or (with no membership left) by itself. */
export function ownAccountGrant(actor: Actor): Grant | ReturnType<typeof refuse> {
  if (actor.kind !== "user") return refuse("not-signed-in");
  if (actor.patientId) return grant.patients([actor.patientId]);
  const clinics = clinicIdsOf(actor);
  return clinics.length > 0 ? grant.clinics(clinics) : grant.system("auth.own-account");
}

/** The signed-in account; the policy of the endpoint has let nobody else in. */
export function userOf(actor: Actor): UserActor {
  if (actor.kind !== "user") throw new Error("an account was expected");
  return actor;
}
