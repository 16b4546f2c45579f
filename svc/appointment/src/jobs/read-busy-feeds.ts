import { type Job, job } from "@episante/service/jobs";
import type { BaseDeps } from "@episante/service/run";
import { readDueFeeds } from "../actions/read-busy-feeds.ts";
import type { Deps } from "../deps.ts";

/** Often: who adds a calendar waits for its times. Without anything due it is one look at an index. */
export const readBusyFeedsJob: Job<BaseDeps & Deps> = job<BaseDeps & Deps>({
  name: "read-busy-feeds",
  everyMs: 3_000,
  run: ({ deps }) => readDueFeeds(deps),
});
