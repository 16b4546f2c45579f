import { type MirrorSpec, mirror } from "@episante/service/mirror";
import type { BaseDeps } from "@episante/service/run";
import { saveRelationship } from "../storage/relationships.ts";

/** Care relationships, which decide whose figures a doctor may see. */
export function mirrorRelationshipsOnChanged(): MirrorSpec<BaseDeps> {
  return mirror<BaseDeps, "relationship.changed">({
    owner: "patient",
    name: "mirror-relationships-on-changed",
    on: ["relationship.changed"],
    apply: async ({ event, tx }) => saveRelationship(tx, event.data, event.at),
  });
}
