import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { grant, type Tx } from "@episante/service/db";
import type { Emit } from "@episante/service/outbox";
import type { AccountProfile, PatientDeps } from "../deps.ts";
import { foldName } from "../domain/search.ts";
import { insertPatient } from "../storage/patients.ts";
import { ownPatientId } from "./decide-access.ts";

/** Keeps the profile of a new account, once: a repeat changes nothing and tells nobody. */
export async function keepProfile(tx: Tx, emit: Emit, profile: AccountProfile, nowMs: number): Promise<void> {
  const { accountId, patientId, givenName, familyName, birthDate, locale } = profile;
  if (!patientId || !birthDate) throw new Error("an account without a patient cannot have a profile");
  const isNew = await insertPatient(tx, {
    id: patientId,
    accountId,
    givenName,
    familyName,
    searchName: foldName(`${familyName} ${givenName}`),
    birthDate,
    locale,
    createdAt: new Date(nowMs),
  });
  if (isNew) await emit("patient.registered", { patientId });
}

const keepOwn = defineAction<PatientDeps, AccountProfile, null>({
  name: "patient.pull",
  access: ({ actor }) => grant.patients([ownPatientId(actor)]),
  run: async ({ input, tx, now, emit }) => {
    await keepProfile(tx, emit, input, now);
    return null;
  },
});

/**
 * Fetches the own profile when the person is here before the event of the registration was: the only request of this service that asks
 * another one, once in an account's life. Answers a refusal when svc/auth cannot be reached or knows no such patient.
 */
export async function pullOwnProfile(deps: PatientDeps, actor: Actor, meta: ActionMeta): Promise<Refusal | null> {
  if (actor.kind !== "user") return refuse("not-found");
  const profile = await deps.fetchAccount(actor.accountId);
  if (isRefusal(profile)) return refuse(profile.refused === "not-found" ? "not-found" : "upstream-unreachable");
  if (profile.patientId !== ownPatientId(actor)) return refuse("not-found");
  const kept = await keepOwn(deps, actor, profile, meta);
  return isRefusal(kept) ? kept : null;
}
