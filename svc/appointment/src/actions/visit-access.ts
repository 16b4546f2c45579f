import { type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type Grant, grant, type Tx } from "@episante/service/db";
import { findDoctorOfHolder } from "../storage/busy.ts";
import { viewOfVisit, worksAt } from "./viewpoint.ts";

type Asking = Parameters<typeof viewOfVisit>[0] & { readonly input: { readonly id: string } };

/** Who may touch a visit: its patient, relatives who may book, and members of its clinic. To everybody else it does not exist. */
export function accessVisit(asking: Asking): Promise<Grant | Refusal> {
  return viewOfVisit(asking, asking.input.id);
}

interface AskingMember {
  readonly actor: Actor;
  readonly input: { readonly id: string };
  readonly tx: Tx;
}

/** Only members of the visit's clinic. */
export async function accessAsMember({ actor, input, tx }: AskingMember): Promise<Grant | Refusal> {
  const doctor = await findDoctorOfHolder(tx, input.id);
  return doctor && worksAt(actor, doctor.clinicId) ? grant.clinics([doctor.clinicId]) : refuse("not-found");
}
