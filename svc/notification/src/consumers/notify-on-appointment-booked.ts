import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { queueVisitMessage } from "./queue-visit-message.ts";

/** Tells the patient that a visit was booked. */
export const notifyOnAppointmentBooked = consumer<Deps, "appointment.booked">({
  name: "notify-on-appointment-booked",
  on: ["appointment.booked"],
  gatherMs: 100,
  handle: (context) => queueVisitMessage(context, "appointment-booked"),
});
