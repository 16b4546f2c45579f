import type { Alert } from "@episante/contracts/alert";
import { defineAction } from "@episante/service/action";
import type { AlertDeps } from "../deps.ts";
import { take } from "../domain/lifecycle.ts";
import { ackExpiryOf } from "../storage/ack-expiry.ts";
import { grantAlert } from "./get-alert.ts";
import { eventOf } from "./record-transitions.ts";
import { takeStep } from "./take-step.ts";

/** Takes an alert in charge. Of two at once one wins; the other gets the alert with its owner. */
export const ackAlert = defineAction<AlertDeps, { id: string }, Alert>({
  name: "alert.ack",
  access: grantAlert,
  run: (context) =>
    takeStep(
      context,
      async (alert, { accountId }) => take(alert, accountId, await ackExpiryOf(context.tx, alert.clinicId), context.now),
      async (after) => {
        await context.emit("alert.acked", eventOf(after));
        // The commit is next; a transaction that is tried again after a conflict would be counted twice, which is rare and harmless.
        const seconds = Math.max(0, context.now - after.firedAt) / 1000;
        context.deps.alertMetrics.ackSeconds.observe({ severity: after.severity }, seconds);
      },
    ),
});
