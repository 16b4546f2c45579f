import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { queueVisitMessages } from "./queue-visit-message.ts";

/** Tells the patient that a visit was cancelled. */
export const notifyOnAppointmentCancelled = consumer<Deps, "appointment.cancelled">({
  name: "notify-on-appointment-cancelled",
  on: ["appointment.cancelled"],
  gatherMs: 100,
  handle: ({ event, ...context }) => queueVisitMessages({ ...context, events: [event] }, "appointment-cancelled"),
  handleGathered: (context) => queueVisitMessages(context, "appointment-cancelled"),
});
