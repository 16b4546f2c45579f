import type { Actor } from "@episante/contracts/session";

/** Facts on which access to one patient's alerts is decided. */
export interface PatientAccess {
  readonly patientId: string;
  /** One of the caller's doctor ids treats the patient now. */
  readonly isTreated: boolean;
  /** The caller was called by an alert of the patient in a clinic where they are a doctor, less than `pagedMs` ago. */
  readonly isPaged: boolean;
  /** The patient is known in a clinic where the caller is a doctor. */
  readonly isKnownInClinic: boolean;
}

/** How long a page lets a doctor see the patient's alerts in the clinic, in business time. */
export const pagedMs = 12 * 3_600_000;

/** Patients see their own, doctors what they treat or were called by; a colleague learns that a relationship is missing, anybody else nothing. */
export function decideAccess(
  actor: Actor,
  { patientId, isTreated, isPaged, isKnownInClinic }: PatientAccess,
): "granted" | "not-found" | "care-relationship-required" {
  if (actor.kind !== "user") return "not-found";
  if (actor.patientId === patientId || isTreated || isPaged) return "granted";
  return isKnownInClinic ? "care-relationship-required" : "not-found";
}
