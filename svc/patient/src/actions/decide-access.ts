import type { ProxyScope } from "@episante/contracts/patient";
import { isRefusal, type Refusal } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf, doctorIdsOf } from "@episante/contracts/session";
import type { AuditNote } from "@episante/service/audit";
import type { Tx } from "@episante/service/db";
import { decideView, type View } from "../domain/access.ts";
import { findCareFacts } from "../storage/relationships.ts";

interface Asking {
  readonly tx: Tx;
  readonly actor: Actor;
  /** Business time, milliseconds. */
  readonly now: number;
  readonly audit: (note: AuditNote) => void;
}

/**
 * How far an actor may look into a patient's file now. What a relative does or tries is noted as done for the patient, also after the
 * link has ended.
 * @param needs right a relative must have
 */
export async function decideAccess({ tx, actor, now, audit }: Asking, patientId: string, needs?: ProxyScope): Promise<View | Refusal> {
  const actingPatientId = actor.kind === "user" ? (actor.patientId ?? "") : "";
  const facts = await findCareFacts(tx, {
    patientId,
    doctorIds: doctorIdsOf(actor),
    doctorClinics: clinicIdsOf(actor, "doctor"),
    staffClinics: clinicIdsOf(actor, "staff"),
    actingPatientId,
    at: new Date(now),
  });
  const view = decideView(actor, patientId, facts, needs);
  if (view === "proxy" || (isRefusal(view) && facts.isLinked)) audit({ onBehalfOf: patientId });
  return view;
}

/** The patient of an account; the policy of the endpoint has let nobody else in. */
export function ownPatientId(actor: Actor) {
  if (actor.kind !== "user" || !actor.patientId) throw new Error("a patient was expected");
  return actor.patientId;
}
