import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { savePatient } from "../storage/patients.ts";

/** Which patient ids exist, for bookings made on somebody's behalf. */
export const mirrorPatientsOnRegistered = consumer<Deps, "patient.registered">({
  name: "mirror-patients-on-registered",
  on: ["patient.registered"],
  handle: async ({ event, tx }) => savePatient(tx, event.data.patientId),
});
