import type { ProxyScope } from "@episante/contracts/patient";
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
  /** What the actor may do for the patient as a verified proxy; empty for anybody else. */
  readonly scopes: readonly ProxyScope[];
}

/** How somebody sees a patient's file: as the patient, as a treating doctor, as a relative, or as staff who may know who it is. */
export type View = "own" | "care" | "proxy" | "identity";

/**
 * Default-deny. A doctor of a clinic that knows the patient, but without a relationship, is told that one is needed; to everybody
 * else the patient does not exist.
 * @param needs right a relative must have; without it any right lets a relative know who the patient is
 */
export function decideView(actor: Actor, patientId: string, facts: CareFacts, needs?: ProxyScope): View | Refusal {
  if (actor.kind !== "user") return refuse("not-found");
  if (actor.patientId === patientId) return "own";
  if (facts.isTreating) return "care";
  if (actor.patientId && (needs ? facts.scopes.includes(needs) : facts.scopes.length > 0)) return "proxy";
  if (facts.isKnownToStaff) return "identity";
  return refuse(facts.isKnownToDoctor ? "care-relationship-required" : "not-found");
}
