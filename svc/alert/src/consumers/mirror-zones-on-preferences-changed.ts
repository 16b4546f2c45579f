import { type ConsumerSpec, consumer } from "@episante/service/consume";
import type { AlertDeps } from "../deps.ts";
import { writeOwnZone } from "../storage/on-call.ts";

/** Where a member's nights are, when not where the clinic is: quiet hours follow the recipient. */
export const mirrorOwnZones: ConsumerSpec<AlertDeps> = consumer<AlertDeps, "preferences.changed">({
  name: "mirror-zones-on-preferences-changed",
  on: ["preferences.changed"],
  handle: ({ event, tx }) => writeOwnZone(tx, event.data, Date.parse(event.at)),
});
