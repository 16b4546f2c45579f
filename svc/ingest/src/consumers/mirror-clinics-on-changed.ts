import { type ConsumerSpec, consumer } from "@episante/service/consume";
import type { IngestDeps } from "../deps.ts";
import { writeClinic } from "../storage/relationships.ts";

/** Clinics a device can belong to. */
export const mirrorClinics: ConsumerSpec<IngestDeps> = consumer<IngestDeps, "clinic.changed">({
  name: "mirror-clinics-on-changed",
  on: ["clinic.changed"],
  handle: ({ event, tx }) => writeClinic(tx, event.data.clinicId),
});
