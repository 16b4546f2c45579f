import { type ConsumerSpec, consumer } from "@episante/service/consume";
import type { AlertDeps } from "../deps.ts";
import { writePerson } from "../storage/on-call.ts";

/** Who works in a clinic, so that chains and the rota name nobody else, and nobody who has left is told of alerts. */
export const mirrorPeople: ConsumerSpec<AlertDeps> = consumer<AlertDeps, "membership.changed">({
  name: "mirror-people-on-membership-changed",
  on: ["membership.changed"],
  handle: ({ event, tx }) => writePerson(tx, event.data, Date.parse(event.at)),
});
