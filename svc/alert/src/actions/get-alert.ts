import type { Alert } from "@episante/contracts/alert";
import { refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import type { Tx } from "@episante/service/db";
import type { AlertDeps } from "../deps.ts";
import { findAlert, findAlertSubject } from "../storage/alerts.ts";
import { grantPatient } from "./grant-patient.ts";
import { presentRow, shownTo } from "./present-alerts.ts";

/** Access to one alert follows its patient; an unknown id and a stranger's alert answer alike. */
export async function grantAlert({ input, ...context }: { actor: Actor; deps: AlertDeps; tx: Tx; now: number; input: { id: string } }) {
  const subject = await findAlertSubject(context.tx, input.id);
  return subject ? grantPatient(context, subject.patientId, subject.clinicId) : refuse("not-found");
}

/** The alert as it now stands. @throws Error when a granted alert is gone, which cannot be: alerts are never deleted */
export async function presentAlert(tx: Tx, id: string, now: number): Promise<Alert> {
  const row = await findAlert(tx, id);
  if (!row) throw new Error("a granted alert cannot be read");
  return presentRow(row, now);
}

export const getAlert = defineAction<AlertDeps, { id: string }, Alert>({
  name: "alert.get",
  access: grantAlert,
  run: async ({ actor, input, tx, now, audit }) => {
    audit({ entity: { type: "alert", id: input.id } });
    return shownTo(actor, await presentAlert(tx, input.id, now));
  },
});
