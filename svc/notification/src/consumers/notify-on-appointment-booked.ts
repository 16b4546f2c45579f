import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { queueVisitMessages } from "./queue-visit-message.ts";

/** Tells the patient that a visit was booked. */
export const notifyOnAppointmentBooked = consumer<Deps, "appointment.booked">({
  name: "notify-on-appointment-booked",
  on: ["appointment.booked"],
  gatherMs: 100,
  handle: ({ event, ...context }) => queueVisitMessages({ ...context, events: [event] }, "appointment-booked"),
  handleGathered: (context) => queueVisitMessages(context, "appointment-booked"),
});
