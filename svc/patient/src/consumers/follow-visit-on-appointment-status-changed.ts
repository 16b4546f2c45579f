import { consumer } from "@episante/service/consume";
import { followStatus } from "../actions/follow-visit.ts";
import type { PatientDeps } from "../deps.ts";

/** A visit that was entered in error gives no right to look. */
export const followVisitOnAppointmentStatusChanged = consumer<PatientDeps, "appointment.status-changed">({
  name: "follow-visit-on-appointment-status-changed",
  on: ["appointment.status-changed"],
  handle: ({ event, tx, now, emit }) => followStatus(tx, emit, event.data, now),
});
