import { refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf } from "@episante/contracts/session";
import { type ActionDefinition, defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PatientDeps } from "../deps.ts";
import { statusOf } from "../domain/proxy.ts";
import { findParties, lockProxy, saveProxy, timesOf } from "../storage/proxies.ts";
import { ownPatientId } from "./decide-access.ts";
import { proxyChangeOf } from "./shape-proxy.ts";

type Ending = ActionDefinition<PatientDeps, { id: string }, undefined>;

const end: Ending["run"] = async ({ actor, input, tx, now, emit, audit }) => {
  const row = await lockProxy(tx, input.id);
  if (!row || statusOf(timesOf(row), now) === "ended") return refuse("not-found");
  const closed = await saveProxy(tx, row.id, { closedAt: new Date(now), closedAs: sideOf(actor, row), closedBy: accountOf(actor) });
  if (row.verifiedAt) await emit("proxy.changed", proxyChangeOf(closed));
  const isAbout = row.verifiedAt !== null || row.isMatched;
  audit({
    entity: { type: "proxy", id: row.id },
    clinicIds: [row.clinicId],
    patientIds: [row.proxyPatientId, ...(isAbout ? [row.patientId] : [])],
  });
  return undefined;
};

/** Either of the two people ends a link, takes a request back or declines it. It grants nothing from the answer on. */
export const endRelative = defineAction<PatientDeps, { id: string }, undefined>({
  name: "patient.end-relative",
  access: async ({ actor, input, tx }) => {
    const own = ownPatientId(actor);
    const parties = await findParties(tx, input.id);
    return parties && [parties.patientId, parties.proxyPatientId].includes(own) ? grant.patients([own]) : refuse("not-found");
  },
  run: end,
  settle: true,
});

/** Staff of the clinic that handles a link refuse or end it. */
export const endProxy = defineAction<PatientDeps, { id: string }, undefined>({
  name: "patient.end-proxy",
  access: async ({ actor, input, tx }) => {
    const parties = await findParties(tx, input.id);
    const isOurs = parties && clinicIdsOf(actor, "staff", "admin").includes(parties.clinicId);
    return isOurs ? grant.clinics([parties.clinicId]) : refuse("not-found");
  },
  run: end,
  settle: true,
});

function sideOf(actor: Actor, row: { patientId: string; proxyPatientId: string }): "proxy" | "patient" | "clinic" {
  const own = actor.kind === "user" ? actor.patientId : undefined;
  return own === row.proxyPatientId ? "proxy" : own === row.patientId ? "patient" : "clinic";
}

function accountOf(actor: Actor): string {
  return actor.kind === "user" ? actor.accountId : "";
}
