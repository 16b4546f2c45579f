import { consumer } from "@episante/service/consume";
import type { PatientDeps } from "../deps.ts";
import { saveDoctor } from "../storage/doctors.ts";

/** Which clinic a doctor works in, so that a patient can let the doctor treat them. */
export const mirrorDoctorsOnMembershipChanged = consumer<PatientDeps, "membership.changed">({
  name: "mirror-doctors-on-membership-changed",
  on: ["membership.changed"],
  handle: async ({ event, tx }) => {
    const { doctorId, clinicId, status } = event.data;
    if (doctorId) await saveDoctor(tx, { id: doctorId, clinicId, isActive: status === "active", changedAt: new Date(event.at) });
  },
});
