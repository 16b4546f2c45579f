import { type ConsumerSpec, consumer } from "@episante/service/consume";
import type { IngestDeps } from "../deps.ts";
import { writeLanded } from "../storage/reconciliation.ts";

/** What bronze holds of the log: the reconciler compares with it, and nothing is deleted before it is there. */
export const noteLanded: ConsumerSpec<IngestDeps> = consumer<IngestDeps, "pipeline.readings-landed">({
  name: "note-landed-on-readings-landed",
  on: ["pipeline.readings-landed"],
  handle: ({ event, tx }) => writeLanded(tx, event.data, Date.parse(event.at)),
});
