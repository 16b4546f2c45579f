import { type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";

/** What is known of an actor and a patient before anything is shown. A clinic knows a patient who has or had a visit or relationship there. */
export interface CareFacts {
  /** The actor acts as a doctor with an active care relationship. */
  readonly isTreating: boolean;
  /** A clinic where the actor is doctor knows the patient. */
  readonly isKnownToDoctor: boolean;
  /** A clinic where the actor is staff knows the patient. */
  readonly isKnownToStaff: boolean;
}

/** How somebody sees a patient's file: as the patient, as a treating doctor, or as staff who may know who it is. */
export type View = "own" | "care" | "identity";

/**
 * Default-deny. A doctor of a clinic that knows the patient, but without a relationship, is told that one is needed; to everybody
 * else the patient does not exist.
 */
export function decideView(actor: Actor, patientId: string, facts: CareFacts): View | Refusal {
  if (actor.kind !== "user") return refuse("not-found");
  if (actor.patientId === patientId) return "own";
  if (facts.isTreating) return "care";
  if (facts.isKnownToStaff) return "identity";
  return refuse(facts.isKnownToDoctor ? "care-relationship-required" : "not-found");
}
