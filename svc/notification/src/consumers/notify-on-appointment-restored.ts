import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { queueVisitMessages } from "./queue-visit-message.ts";

/** Tells the patient that a visit takes place after all: its cancellation, of which the patient was told, is undone. Other states are the clinic's. */
export const notifyOnAppointmentRestored = consumer<Deps, "appointment.status-changed">({
  name: "notify-on-appointment-restored",
  on: ["appointment.status-changed"],
  handle: async ({ event, ...context }) => {
    if (event.data.from === "cancelled") await queueVisitMessages({ ...context, events: [event] }, "appointment-restored");
  },
});
