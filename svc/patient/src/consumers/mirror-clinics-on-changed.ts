import { consumer } from "@episante/service/consume";
import type { PatientDeps } from "../deps.ts";
import { saveClinic } from "../storage/clinics.ts";

/** Name and zone of clinics: which of them can verify a link between relatives, and when its days begin. */
export const mirrorClinicsOnChanged = consumer<PatientDeps, "clinic.changed">({
  name: "mirror-clinics-on-changed",
  on: ["clinic.changed"],
  handle: async ({ event, tx }) => {
    const { clinicId: id, name, zone } = event.data;
    await saveClinic(tx, { id, name, zone, changedAt: new Date(event.at) });
  },
});
