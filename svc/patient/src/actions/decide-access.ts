import type { Refusal } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import type { Tx } from "@episante/service/db";
import { decideView, type View } from "../domain/access.ts";
import { findCareFacts } from "../storage/relationships.ts";

/** How far an actor may look into a patient's file now. @param nowMs business time */
export async function decideAccess(tx: Tx, actor: Actor, patientId: string, nowMs: number): Promise<View | Refusal> {
  const facts = await findCareFacts(tx, {
    patientId,
    doctorIds: doctorIdsOf(actor),
    doctorClinics: clinicIdsOf(actor, "doctor"),
    staffClinics: clinicIdsOf(actor, "staff"),
    at: new Date(nowMs),
  });
  return decideView(actor, patientId, facts);
}

/** The patient of an account; the policy of the endpoint has let nobody else in. */
export function ownPatientId(actor: Actor) {
  if (actor.kind !== "user" || !actor.patientId) throw new Error("a patient was expected");
  return actor.patientId;
}
