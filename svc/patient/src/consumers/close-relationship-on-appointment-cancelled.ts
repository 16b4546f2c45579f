import { consumer } from "@episante/service/consume";
import { followCancellation } from "../actions/follow-visit.ts";
import type { PatientDeps } from "../deps.ts";
import { lockPatients } from "../storage/relationships.ts";

/** A cancelled visit gives no right to look. */
export const closeRelationshipOnAppointmentCancelled = consumer<PatientDeps, "appointment.cancelled">({
  name: "close-relationship-on-appointment-cancelled",
  on: ["appointment.cancelled"],
  handle: ({ event, tx, now, emit }) => followCancellation(tx, emit, event.data, now),
  handleGathered: async ({ events, tx, now, emit }) => {
    // All at first and in one order: bookings of the same patients are followed at the same time.
    await lockPatients(
      tx,
      events.map(({ data }) => data.patientId),
    );
    for (const { data, traceparent } of events) await followCancellation(tx, (type, fact) => emit(type, fact, traceparent), data, now);
  },
});
