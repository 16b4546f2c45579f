import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { saveClinic } from "../storage/doctors.ts";

/** Zone, name and address of clinics: the zone new hours start with, the place in calendar files. */
export const mirrorClinicsOnChanged = consumer<Deps, "clinic.changed">({
  name: "mirror-clinics-on-changed",
  on: ["clinic.changed"],
  handle: async ({ event, tx }) => saveClinic(tx, event.data, event.at),
});
