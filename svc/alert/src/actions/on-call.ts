import type { BodyOf, QueryOf } from "@episante/contracts/endpoint";
import type { AccountId, ClinicId } from "@episante/contracts/ids";
import type { getOnCall as getEndpoint, OnCall, putOnCall as putEndpoint } from "@episante/contracts/on-call";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import { defineAction } from "@episante/service/action";
import { type Grant, grant, type Tx } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { onCallUntil } from "../domain/rota.ts";
import { onCallOf, peopleOf, writeOnCall } from "../storage/on-call.ts";

/** The clinic that was named, or the only or first one, in which the caller is a doctor or an admin. */
function grantClinic({ actor, input }: { actor: Actor; input: { clinicId?: ClinicId | undefined } }): Grant | Refusal {
  const clinicId = clinicIdsOf(actor, "doctor", "admin").find((id) => input.clinicId === undefined || id === input.clinicId);
  return clinicId ? grant.clinics([clinicId]) : refuse("not-found");
}
const clinicOf = (granted: Grant) => (granted.kind === "clinics" ? granted.ids[0] : "") as ClinicId;

async function present(tx: Tx, clinicId: ClinicId, nowMs: number): Promise<OnCall> {
  const stored = (await onCallOf(tx, [clinicId])).get(clinicId);
  if (!stored) throw new Error("settings of a clinic cannot be read");
  const members = await peopleOf(tx, [clinicId]);
  const people = members.map(({ accountId, name, isDoctor }) => ({ accountId, name, canOpenAlerts: isDoctor }));
  const { settings } = stored;
  const now = onCallUntil(settings.rota, settings.zone, nowMs);
  const person = people.find(({ accountId }) => accountId === now?.accountId);
  const onCallNow = now && person && { accountId: person.accountId, name: person.name, until: toInstant(now.untilMs) };
  return { clinicId, ...settings, ...(onCallNow ? { onCallNow } : {}), people };
}

/** How alerts reach people in a clinic. */
export const getOnCall = defineAction<AlertDeps, QueryOf<typeof getEndpoint>, OnCall>({
  name: "alert.get-on-call",
  access: grantClinic,
  run: ({ tx, now, grant: granted }) => present(tx, clinicOf(granted), now),
});

/** Accounts a setting names, with the path at which it does. */
function named({ chains, rota }: BodyOf<typeof putEndpoint>): { path: string; accountId: AccountId }[] {
  const steps = Object.entries(chains).flatMap(([severity, chain = []]) =>
    chain.flatMap(({ to }, index) => (to === "on-call" ? [] : [{ path: `chains.${severity}.${index}.to`, accountId: to }])),
  );
  const turns = (["weekly", "exceptions"] as const).flatMap((list) =>
    rota[list].map(({ accountId }, index) => ({ path: `rota.${list}.${index}.accountId`, accountId })),
  );
  return [...steps, ...turns];
}

/** Replaces it. Whoever is no active member of the clinic is refused like somebody unknown. */
export const putOnCall = defineAction<AlertDeps, BodyOf<typeof putEndpoint>, OnCall>({
  name: "alert.put-on-call",
  access: grantClinic,
  run: async ({ actor, input, tx, now, grant: granted, audit }) => {
    if (actor.kind !== "user") return refuse("forbidden");
    const clinicId = clinicOf(granted);
    const people = new Set((await peopleOf(tx, [clinicId])).map(({ accountId }) => accountId));
    const strangers = named(input).filter(({ accountId }) => !people.has(accountId));
    if (strangers.length > 0)
      return refuse("invalid-input", { errors: strangers.map(({ path }) => ({ path, message: "not a member of the clinic" })) });
    audit({ entity: { type: "on-call", id: clinicId } });
    await writeOnCall(tx, clinicId, input, actor.accountId, now);
    return present(tx, clinicId, now);
  },
});
