import type { Alert } from "@episante/contracts/alert";
import { defineAction } from "@episante/service/action";
import type { AlertDeps } from "../deps.ts";
import { close } from "../domain/lifecycle.ts";
import { writeClosure } from "../storage/alerts.ts";
import { grantAlert } from "./get-alert.ts";
import { eventOf } from "./record-transitions.ts";
import { takeStep } from "./take-step.ts";

/** Closes an alert by hand. The engine takes it into its state: values still beyond the limit need a new hold and become a new alert. */
export const resolveAlert = defineAction<AlertDeps, { id: string }, Alert>({
  name: "alert.resolve",
  access: grantAlert,
  run: (context) =>
    takeStep(context, close, async (after) => {
      await writeClosure(context.tx, after, context.now);
      await context.emit("alert.resolved", eventOf({ ...after, clearedAt: context.now }));
    }),
});
