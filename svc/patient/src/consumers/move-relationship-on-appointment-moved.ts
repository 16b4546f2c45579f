import { consumer } from "@episante/service/consume";
import { followMove } from "../actions/follow-visit.ts";
import type { PatientDeps } from "../deps.ts";
import { lockPatients } from "../storage/relationships.ts";

/** Care follows the visit. */
export const moveRelationshipOnAppointmentMoved = consumer<PatientDeps, "appointment.moved">({
  name: "move-relationship-on-appointment-moved",
  on: ["appointment.moved"],
  handle: ({ event, tx, now, emit }) => followMove(tx, emit, event.data, now),
  handleGathered: async ({ events, tx, now, emit }) => {
    // All at first and in one order: bookings of the same patients are followed at the same time.
    await lockPatients(
      tx,
      events.map(({ data }) => data.patientId),
    );
    for (const { data, traceparent } of events) await followMove(tx, (type, fact) => emit(type, fact, traceparent), data, now);
  },
});
