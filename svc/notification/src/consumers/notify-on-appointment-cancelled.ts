import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { queueVisitMessage } from "./queue-visit-message.ts";

/** Tells the patient that a visit was cancelled. */
export const notifyOnAppointmentCancelled = consumer<Deps, "appointment.cancelled">({
  name: "notify-on-appointment-cancelled",
  on: ["appointment.cancelled"],
  gatherMs: 100,
  handle: (context) => queueVisitMessage(context, "appointment-cancelled"),
});
