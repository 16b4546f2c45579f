import { bootstrap, listClinics } from "@episante/contracts/auth";
import type { BodyInputOf } from "@episante/contracts/endpoint";
import type { ParsedArguments } from "./args.ts";
import { makeClient, Refused } from "./client.ts";
import { launcherConfig } from "./config.ts";
import { Failure, UsageFault } from "./failure.ts";
import { operatorClient } from "./operator.ts";
import type { DataFolder } from "./paths.ts";
import { readRunState } from "./state.ts";
import { say } from "./terminal.ts";

export interface AdminToInvite {
  readonly email: string;
  readonly givenName?: string;
  readonly familyName?: string;
  readonly locale?: "fr" | "en";
  readonly clinicId?: string;
  readonly newClinic?: { readonly name: string; readonly city?: string; readonly zone?: string };
}

/**
 * Invites an administrator: to the named clinic, to a new one, or to the only one there is (a first one is made when there is none;
 * its facts can be changed afterwards).
 * @throws Failure when it is not clear which clinic is meant, or the address is taken
 */
export async function inviteAdmin(folder: DataFolder, admin: AdminToInvite): Promise<{ url: string; email: string; expiresAt: string }> {
  const url = readRunState(folder)?.url;
  if (!url) throw new Failure(`EpiSanté does not run on ${folder.dir}. Start it first: ./episante up --data ${folder.dir}`);
  const operator = await operatorClient(folder, "auth");
  const { email, givenName = "Admin", familyName = "Admin", locale = "fr" } = admin;
  const clinic = await chooseClinic(url, admin);
  try {
    const made = await operator.call(bootstrap, { body: { ...clinic, admin: { email, givenName, familyName, locale } } });
    return {
      url: `${launcherConfig().PUBLIC_URL?.replace(/\/+$/, "") ?? url}/console/invitation#${made.invitation}`,
      email,
      expiresAt: made.expiresAt,
    };
  } catch (error) {
    if (error instanceof Refused && error.code === "email-taken") throw new Failure(`An account with ${email} exists already.`);
    if (error instanceof Refused && error.code === "not-found") throw new Failure(`There is no clinic ${admin.clinicId}.`);
    throw error;
  }
}

type ClinicChoice = Pick<BodyInputOf<typeof bootstrap>, "clinic" | "clinicId">;

async function chooseClinic(url: string, admin: AdminToInvite): Promise<ClinicChoice> {
  if (admin.clinicId) return { clinicId: admin.clinicId as `cli_${string}` };
  const { items } = await makeClient(url).call(listClinics);
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

/** `./episante user add`. */
export async function addUser(given: ParsedArguments, folder: DataFolder): Promise<void> {
  const email = given.value("email");
  const givenName = given.value("given");
  const familyName = given.value("family");
  if (!email || !givenName || !familyName) throw new UsageFault("user add needs --email, --given and --family");
  const locale = given.value("locale") ?? "fr";
  if (locale !== "fr" && locale !== "en") throw new UsageFault("--locale must be fr or en");
  const clinicId = given.value("clinic");
  const name = given.value("new-clinic");
  const city = given.value("city");
  const zone = given.value("zone");
  if (clinicId && name) throw new UsageFault("give --clinic or --new-clinic, not both");
  const link = await inviteAdmin(folder, {
    ...{ email, givenName, familyName, locale },
    ...(clinicId ? { clinicId } : {}),
    ...(name ? { newClinic: { name, ...(city ? { city } : {}), ...(zone ? { zone } : {}) } } : {}),
  });
  say(`Invitation for ${link.email}, valid until ${link.expiresAt}:\n  ${link.url}`);
}
