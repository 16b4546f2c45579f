import { grant } from "@episante/service/db";
import { type Job, job } from "@episante/service/jobs";
import type { AlertDeps } from "../deps.ts";
import { deleteOldBlocks } from "../storage/engine-states.ts";

/** Deletes samples of the engine that no late reading can reach any more. */
export const forgetOldBlocks: Job<AlertDeps> = job<AlertDeps>({
  name: "forget-old-blocks",
  everyMs: 3_600_000,
  run: ({ deps }) => deps.db.transaction(grant.system("forget-old-blocks"), deleteOldBlocks),
});
