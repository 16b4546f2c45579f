import type { ClinicId } from "@episante/contracts/ids";
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

/** The clinic that is meant, of those the actor works at in one of the roles; it need not be named by who works at one only. */
export function accessOneClinic(...roles: Membership["role"][]) {
  return ({ actor, input }: { readonly actor: Actor; readonly input: { readonly clinicId?: ClinicId | undefined } }): Grant | Refusal => {
    const clinics = clinicIdsOf(actor, ...roles);
    const [only] = input.clinicId === undefined ? clinics : clinics.filter((clinicId) => clinicId === input.clinicId);
    if (only === undefined) return refuse("not-found");
    if (input.clinicId === undefined && clinics.length > 1)
      return refuse("invalid-input", { errors: [{ path: "clinicId", message: "name one of your clinics" }] });
    return grant.clinics([only]);
  };
}

/** The one clinic that `accessOneClinic` let in to. */
export function clinicGranted(granted: Grant): ClinicId {
  return (granted.kind === "clinics" ? granted.ids[0] : undefined) as ClinicId;
}
