import type { Alert } from "@episante/contracts/alert";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import type { AlertDeps } from "../deps.ts";
import { addHistory, closeAlert, findAlert, publishChanges } from "../storage/alerts.ts";
import { grantAlert, presentAlert } from "./get-alert.ts";
import { eventOf } from "./record-transitions.ts";

/** Closes an open alert by hand. The engine takes it into its state: values still beyond the limit need a new hold and become a new alert. */
export const resolveAlert = defineAction<AlertDeps, { id: string }, Alert>({
  name: "alert.resolve",
  access: grantAlert,
  run: async ({ actor, input, tx, now, emit, audit, meta }) => {
    audit({ entity: { type: "alert", id: input.id } });
    if (actor.kind !== "user") return refuse("forbidden");
    if (!(await closeAlert(tx, input.id, now))) return refuse("wrong-state");
    const row = await findAlert(tx, input.id);
    if (!row) throw new Error("a closed alert cannot be read");
    await addHistory(tx, [{ alertId: row.id, patientId: row.patientId, atMs: now, action: "resolved", accountId: actor.accountId }]);
    await emit("alert.resolved", eventOf(row));
    await publishChanges(tx, [{ id: row.id, traceparent: meta.traceparent }]);
    return presentAlert(tx, input.id, now);
  },
});
