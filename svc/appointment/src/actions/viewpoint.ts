import type { ProxyScope } from "@episante/contracts/patient";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf } from "@episante/contracts/session";
import type { AuditNote } from "@episante/service/audit";
import { type Grant, grant, type Tx } from "@episante/service/db";
import type { Deps } from "../deps.ts";
import { findDoctorOfHolder } from "../storage/busy.ts";
import { findPatientOfVisit, findProxyFacts } from "../storage/proxies.ts";

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

/** Who asks about somebody else's visits, and what is needed to decide it. */
interface Asking {
  readonly tx: Tx;
  readonly actor: Actor;
  readonly deps: Deps;
  /** Business time, milliseconds. */
  readonly now: number;
  readonly audit: (note: AuditNote) => void;
}

/**
 * Whether the actor may act for another patient as a verified relative with a right: null, or a refusal that is the same for an id that
 * was never given. What a relative does or tries is noted as done for the patient, also after the link has ended.
 */
export async function refuseToActFor(
  { tx, actor, deps, now, audit }: Asking,
  patientId: string,
  scope: ProxyScope,
): Promise<Refusal | null> {
  if (actor.kind !== "user" || !actor.patientId) return refuse("not-found");
  if (!deps.proxies) return refuse("not-found");
  if (!deps.proxies.fresh()) return refuse("mirror-stale");
  const facts = await findProxyFacts(tx, { patientId, proxyPatientId: actor.patientId, scope, nowMs: now });
  if (facts.isLinked) audit({ onBehalfOf: patientId });
  return facts.isAllowed ? null : refuse("not-found");
}

/** As `refuseToActFor`, with the right to book: hold, book, move, cancel and list visits. */
export function mayBookFor(asking: Asking, patientId: string): Promise<Refusal | null> {
  return refuseToActFor(asking, patientId, "book");
}

/** What a named patient's visits are seen under: by the patient, and by relatives who may book. */
export async function viewOfPatient(asking: Asking, patientId: string): Promise<Grant | Refusal> {
  if (asking.actor.kind === "user" && asking.actor.patientId === patientId) return grant.patients([patientId]);
  return (await mayBookFor(asking, patientId)) ?? grant.patients([patientId]);
}

/** What a visit is seen under: the clinic's by its members, else the patient's, by the patient and relatives who may book. */
export async function viewOfVisit(asking: Asking, appointmentId: string): Promise<Grant | Refusal> {
  const { tx, actor, audit } = asking;
  const doctor = await findDoctorOfHolder(tx, appointmentId);
  const view = doctor ? viewOf(actor, doctor.clinicId) : refuse("not-found");
  if (isRefusal(view) || view.kind === "clinics") return view;
  const patientId = await findPatientOfVisit(tx, appointmentId);
  if (!patientId) return refuse("not-found");
  audit({ patientIds: [patientId] });
  return viewOfPatient(asking, patientId);
}
