import { grant } from "@episante/service/db";
import { type Job, job } from "@episante/service/jobs";
import type { BaseDeps } from "@episante/service/run";
import { settlePassed } from "../storage/openings.ts";

const name = "move-openings-on";

/** Where the stored earliest opening has passed, the next one takes its place. Until then a search looks it up itself. */
export const moveOpeningsOnJob: Job<BaseDeps> = job<BaseDeps>({
  name,
  everyMs: 10_000,
  run: ({ deps, now }) => deps.db.transaction(grant.system(name), (tx) => settlePassed(tx, now)),
});
