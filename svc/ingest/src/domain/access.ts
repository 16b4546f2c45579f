import type { Actor } from "@episante/contracts/session";

/** Facts on which access to one patient's devices and readings is decided. */
export interface PatientAccess {
  readonly patientId: string;
  /** One of the caller's doctor ids treats the patient now. */
  readonly isTreated: boolean;
  /** The patient is known in a clinic where the caller is a doctor. */
  readonly isKnownInClinic: boolean;
}

/** Patients see their own, doctors what they treat; a colleague learns that a relationship is missing, anybody else nothing. */
export function decideAccess(
  actor: Actor,
  { patientId, isTreated, isKnownInClinic }: PatientAccess,
): "granted" | "not-found" | "care-relationship-required" {
  if (actor.kind !== "user") return "not-found";
  if (actor.patientId === patientId || isTreated) return "granted";
  return isKnownInClinic ? "care-relationship-required" : "not-found";
}
