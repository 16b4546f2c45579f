import type { Actor } from "@episante/contracts/session";
import type { Doer } from "../storage/history.ts";
import { accountOf, worksAt } from "./viewpoint.ts";

/** Who acts on a visit of a clinic and by which way, for its history: a kind, never a name. */
export function doerOf(actor: Actor, visit: { readonly clinicId: string; readonly patientId: string }): Doer {
  if (actor.kind !== "user") return { accountId: actor.kind === "system" ? actor.job : actor.kind, kind: "system", channel: "system" };
  const accountId = accountOf(actor);
  if (worksAt(actor, visit.clinicId)) {
    const isDoctor = actor.memberships.some(({ clinicId, role }) => clinicId === visit.clinicId && role === "doctor");
    return { accountId, kind: isDoctor ? "doctor" : "staff", channel: "clinic" };
  }
  return { accountId, kind: actor.patientId === visit.patientId ? "patient" : "relative", channel: "online" };
}
