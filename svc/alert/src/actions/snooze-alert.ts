import type { Alert } from "@episante/contracts/alert";
import { defineAction } from "@episante/service/action";
import type { AlertDeps } from "../deps.ts";
import { snooze } from "../domain/lifecycle.ts";
import { grantAlert } from "./get-alert.ts";
import { eventOf } from "./record-transitions.ts";
import { takeStep } from "./take-step.ts";

/** Keeps an alert quiet for some minutes. It ends by `endWaits`, or by what pages meanwhile (`recordTransitions`). */
export const snoozeAlert = defineAction<AlertDeps, { id: string; minutes: number }, Alert>({
  name: "alert.snooze",
  idempotent: true,
  access: grantAlert,
  run: (context) =>
    takeStep(
      context,
      (alert) => snooze(alert, context.input.minutes, context.now),
      (after) => context.emit("alert.snoozed", eventOf(after)),
    ),
});
