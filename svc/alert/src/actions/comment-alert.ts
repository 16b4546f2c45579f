import type { Alert } from "@episante/contracts/alert";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import type { AlertDeps } from "../deps.ts";
import { addHistory, lockAlerts, publishChanges } from "../storage/alerts.ts";
import { grantAlert, presentAlert } from "./get-alert.ts";
import { eventOf } from "./record-transitions.ts";

/** Writes into an alert's history, whatever its state. The text is patient data: it stays in the table, events and logs never hold it. */
export const commentAlert = defineAction<AlertDeps, { id: string; text: string }, Alert>({
  name: "alert.comment",
  idempotent: true,
  access: grantAlert,
  run: async ({ actor, input, tx, now, emit, audit, meta }) => {
    audit({ entity: { type: "alert", id: input.id } });
    if (actor.kind !== "user") return refuse("forbidden");
    const [alert] = await lockAlerts(tx, [input.id]);
    if (!alert) throw new Error("a granted alert cannot be read");
    const { id, patientId } = alert;
    await addHistory(tx, [{ alertId: id, patientId, atMs: now, action: "commented", accountId: actor.accountId, text: input.text }]);
    await emit("alert.commented", eventOf(alert));
    await publishChanges(tx, [{ id, traceparent: meta.traceparent }], now);
    return presentAlert(tx, id, now);
  },
});
