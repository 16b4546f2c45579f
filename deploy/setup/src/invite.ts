import { bootstrap, listClinics } from "@episante/contracts/auth";
import type { BodyInputOf } from "@episante/contracts/endpoint";
import { type Client, Refused } from "./client.ts";
import { Failure } from "./failure.ts";

export interface AdminToInvite {
  readonly email: string;
  readonly givenName?: string;
  readonly familyName?: string;
  readonly locale?: "fr" | "en";
  readonly clinicId?: string;
  readonly newClinic?: { readonly name: string; readonly city?: string; readonly zone?: string };
}

export interface Invitation {
  /** Where the invited person chooses a password. */
  readonly url: string;
  readonly email: string;
  readonly expiresAt: string;
}

/**
 * Invites an administrator: to the named clinic, to a new one, or to the only one there is (a first one is made when there is none;
 * its facts can be changed afterwards).
 * @param publicUrl address people reach the clinic at
 * @throws Failure when it is not clear which clinic is meant, or the address is taken
 */
export async function inviteAdmin(
  { operator, anyone, publicUrl }: { operator: Client; anyone: Client; publicUrl: string },
  admin: AdminToInvite,
): Promise<Invitation> {
  const { email, givenName = "Admin", familyName = "Admin", locale = "fr" } = admin;
  const clinic = await chooseClinic(anyone, admin);
  try {
    const made = await operator.call(bootstrap, { body: { ...clinic, admin: { email, givenName, familyName, locale } } });
    return { url: `${publicUrl.replace(/\/+$/, "")}/console/invitation#${made.invitation}`, email, expiresAt: made.expiresAt };
  } catch (error) {
    if (error instanceof Refused && error.code === "email-taken") throw new Failure(`An account with ${email} exists already.`);
    if (error instanceof Refused && error.code === "not-found") throw new Failure(`There is no clinic ${admin.clinicId}.`);
    throw error;
  }
}

type ClinicChoice = Pick<BodyInputOf<typeof bootstrap>, "clinic" | "clinicId">;

async function chooseClinic(anyone: Client, admin: AdminToInvite): Promise<ClinicChoice> {
  if (admin.clinicId) return { clinicId: admin.clinicId as `cli_${string}` };
  const { items } = await anyone.call(listClinics);
  const [only] = items;
  if (!admin.newClinic && only && items.length === 1) return { clinicId: only.id };
  if (!admin.newClinic && items.length > 1) {
    throw new Failure(
      ["Which clinic? Give one with --clinic:", ...items.map(({ id, name, city }) => `  ${id}  ${name}, ${city}`)].join("\n"),
    );
  }
  const { name = "Clinique", city = "-", zone = "Europe/Paris" } = admin.newClinic ?? {};
  return { clinic: { name, city, zone, address: "", phone: "", lat: 0, lng: 0 } };
}
