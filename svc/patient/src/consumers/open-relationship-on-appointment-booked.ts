import { consumer } from "@episante/service/consume";
import { followBookings } from "../actions/follow-visit.ts";
import type { PatientDeps } from "../deps.ts";

/** Who is booked treats. */
export const openRelationshipOnAppointmentBooked = consumer<PatientDeps, "appointment.booked">({
  name: "open-relationship-on-appointment-booked",
  on: ["appointment.booked"],
  gatherMs: 50,
  handle: ({ event, tx, now, emit }) => followBookings(tx, emit, [event], now),
  handleGathered: ({ events, tx, now, emit }) => followBookings(tx, emit, events, now),
});
