import { type ConsumerSpec, consumer } from "@episante/service/consume";
import type { AlertDeps } from "../deps.ts";
import { writeZone } from "../storage/on-call.ts";

/** Zones of clinics: rotas and quiet hours are written in wall-clock times. */
export const mirrorZones: ConsumerSpec<AlertDeps> = consumer<AlertDeps, "clinic.changed">({
  name: "mirror-zones-on-clinic-changed",
  on: ["clinic.changed"],
  handle: ({ event, tx }) => writeZone(tx, event.data, Date.parse(event.at)),
});
