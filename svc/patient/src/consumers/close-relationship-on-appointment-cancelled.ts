import { consumer } from "@episante/service/consume";
import { followCancellation } from "../actions/follow-visit.ts";
import type { PatientDeps } from "../deps.ts";

/** A cancelled visit gives no right to look. */
export const closeRelationshipOnAppointmentCancelled = consumer<PatientDeps, "appointment.cancelled">({
  name: "close-relationship-on-appointment-cancelled",
  on: ["appointment.cancelled"],
  handle: ({ event, tx, now, emit }) => followCancellation(tx, emit, event.data, now),
});
