import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf } from "@episante/contracts/session";
import { type Grant, grant } from "@episante/service/db";

/** Staff and administrators of the named clinic; for everybody else there is no such clinic. */
export function accessTransfer({ actor, input }: { actor: Actor; input: { readonly clinicId: string } }): Grant | Refusal {
  return clinicIdsOf(actor, "staff", "admin").includes(input.clinicId) ? grant.clinics([input.clinicId]) : refuse("not-found");
}
