import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, doctorIdsOf } from "@episante/contracts/session";
import { type Grant, grant, type Tx } from "@episante/service/db";
import { type DoctorRow, findDoctor } from "../storage/profiles.ts";

/** The doctor the actor acts as; with several memberships the first. Null until the membership's event has arrived. */
export async function findOwnDoctor(tx: Tx, actor: Actor): Promise<DoctorRow | null> {
  const [doctorId] = doctorIdsOf(actor);
  return doctorId ? findDoctor(tx, doctorId) : null;
}

/** Only doctors, for themselves. */
export async function ownOnly({ actor, tx }: { actor: Actor; tx: Tx }): Promise<Grant | Refusal> {
  const doctor = await findOwnDoctor(tx, actor);
  return doctor ? grant.clinics([doctor.clinicId]) : refuse("not-found");
}
