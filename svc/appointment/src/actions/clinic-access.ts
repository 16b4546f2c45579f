import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf, type Membership } from "@episante/contracts/session";
import { type Grant, grant, type Tx } from "@episante/service/db";
import { isKnownClinic } from "../storage/doctors.ts";

interface Request {
  readonly actor: Actor;
  readonly input: { readonly clinicId: string };
  readonly tx: Tx;
}

/** Members of the named clinic with one of the roles; for everybody else there is no such clinic. */
export function accessClinic(...roles: Membership["role"][]) {
  return async ({ actor, input, tx }: Request): Promise<Grant | Refusal> => {
    const isAllowed = clinicIdsOf(actor, ...roles).includes(input.clinicId) && (await isKnownClinic(tx, input.clinicId));
    return isAllowed ? grant.clinics([input.clinicId]) : refuse("not-found");
  };
}
