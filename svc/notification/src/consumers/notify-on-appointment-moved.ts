import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { queueVisitMessages } from "./queue-visit-message.ts";

/** Tells the patient that a visit has another time or doctor. */
export const notifyOnAppointmentMoved = consumer<Deps, "appointment.moved">({
  name: "notify-on-appointment-moved",
  on: ["appointment.moved"],
  gatherMs: 100,
  handle: ({ event, ...context }) => queueVisitMessages({ ...context, events: [event] }, "appointment-moved"),
  handleGathered: (context) => queueVisitMessages(context, "appointment-moved"),
});
