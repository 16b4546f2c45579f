import type { Alert } from "@episante/contracts/alert";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import type { AlertDeps } from "../deps.ts";
import { addHistory, findAlert, publishChanges, takeAlert } from "../storage/alerts.ts";
import { grantAlert, presentAlert } from "./get-alert.ts";
import { eventOf } from "./record-transitions.ts";

/** Takes an alert in charge. Of two at once one wins; the other gets the alert with its owner. */
export const ackAlert = defineAction<AlertDeps, { id: string }, Alert>({
  name: "alert.ack",
  access: grantAlert,
  run: async ({ actor, input, deps, tx, now, emit, audit, meta }) => {
    audit({ entity: { type: "alert", id: input.id } });
    if (actor.kind !== "user") return refuse("forbidden");
    if (await takeAlert(tx, input.id, actor.accountId, now)) {
      const row = await findAlert(tx, input.id);
      if (!row) throw new Error("an acknowledged alert cannot be read");
      await addHistory(tx, [{ alertId: row.id, patientId: row.patientId, atMs: now, action: "acked", accountId: actor.accountId }]);
      await emit("alert.acked", eventOf(row));
      await publishChanges(tx, [{ id: row.id, traceparent: meta.traceparent }]);
      // The commit is next; a transaction that is tried again after a conflict would be counted twice, which is rare and harmless.
      deps.alertMetrics.ackSeconds.observe({ severity: row.severity }, Math.max(0, now - row.firedAt) / 1000);
    }
    const alert = await presentAlert(tx, input.id, now);
    return alert.status === "acked" ? alert : refuse("wrong-state");
  },
});
