import { consumer } from "@episante/service/consume";
import type { Deps } from "../deps.ts";
import { saveClinic } from "../storage/profiles.ts";

/** Name, place, telephone and zone of clinics, shown with their doctors. */
export const mirrorClinicsOnChanged = consumer<Deps, "clinic.changed">({
  name: "mirror-clinics-on-changed",
  on: ["clinic.changed"],
  handle: async ({ event, tx }) => saveClinic(tx, event.data, event.at),
});
