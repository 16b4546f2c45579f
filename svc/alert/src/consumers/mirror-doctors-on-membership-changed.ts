import { type ConsumerSpec, consumer } from "@episante/service/consume";
import type { AlertDeps } from "../deps.ts";
import { writeDoctor } from "../storage/doctors.ts";

/** Which accounts are doctors of a clinic, so that an alert can be given to one. What they may see, their relationships decide. */
export const mirrorDoctors: ConsumerSpec<AlertDeps> = consumer<AlertDeps, "membership.changed">({
  name: "mirror-doctors-on-membership-changed",
  on: ["membership.changed"],
  handle: ({ event, tx }) => writeDoctor(tx, event.data, Date.parse(event.at)),
});
