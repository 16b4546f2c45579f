import { makeClient } from "@episante/setup/client";
import { Failure, UsageFault } from "@episante/setup/failure";
import { type AdminToInvite, type Invitation, inviteAdmin as invite } from "@episante/setup/invite";
import type { ParsedArguments } from "./args.ts";
import { launcherConfig } from "./config.ts";
import { operatorClient } from "./operator.ts";
import type { DataFolder } from "./paths.ts";
import { readRunState } from "./state.ts";
import { say } from "./terminal.ts";

/** Invites an administrator of what runs on a data folder. @throws Failure when nothing runs, or as `inviteAdmin` of the setup does */
export async function inviteAdmin(folder: DataFolder, admin: AdminToInvite): Promise<Invitation> {
  const url = readRunState(folder)?.url;
  if (!url) throw new Failure(`EpiSanté does not run on ${folder.dir}. Start it first: ./episante up --data ${folder.dir}`);
  const operator = await operatorClient(folder, "auth");
  return invite({ operator, anyone: makeClient(url), publicUrl: launcherConfig().PUBLIC_URL ?? url }, admin);
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
