import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { type Grant, grant } from "@episante/service/db";
import { findOwner } from "../storage/waitlist.ts";
import { viewOfPatient, worksAt } from "./viewpoint.ts";

type Asking = Parameters<typeof viewOfPatient>[0] & { readonly input: { readonly id: string } };

/** Who may touch an entry or an offer: its patient, relatives who may book, and members of its clinic. To everybody else it does not exist. */
export async function accessWaiting(asking: Asking): Promise<Grant | Refusal> {
  const { tx, actor, audit, input } = asking;
  const owner = await findOwner(tx, input.id);
  if (!owner) return refuse("not-found");
  if (worksAt(actor, owner.clinicId)) return grant.clinics([owner.clinicId]);
  const view = await viewOfPatient(asking, owner.patientId);
  // Also a stranger's attempt is the patient's to see.
  if (isRefusal(view)) audit({ patientIds: [owner.patientId] });
  return view;
}
