import { mirror } from "@episante/service/mirror";
import type { IngestDeps } from "../deps.ts";
import { writeRelationship } from "../storage/relationships.ts";

/** Who treats whom, as svc/patient publishes it. */
export const mirrorRelationships = () =>
  mirror<IngestDeps, "relationship.changed">({
    owner: "patient",
    name: "mirror-relationships-on-changed",
    on: ["relationship.changed"],
    apply: ({ event, tx }) => writeRelationship(tx, event.data),
  });
