import type { Alert } from "@episante/contracts/alert";
import { defineAction } from "@episante/service/action";
import type { AlertDeps } from "../deps.ts";
import { endSnooze as decide } from "../domain/lifecycle.ts";
import { grantAlert } from "./get-alert.ts";
import { eventOf } from "./record-transitions.ts";
import { takeStep } from "./take-step.ts";

/** Ends a snooze before its time: the alert is told again, as at its time (`endWaits`). */
export const endSnooze = defineAction<AlertDeps, { id: string }, Alert>({
  name: "alert.end-snooze",
  idempotent: true,
  access: grantAlert,
  run: (context) => takeStep(context, decide, (after) => context.emit("alert.snooze-ended", { ...eventOf(after), reason: "person" })),
});
