import { type Job, job } from "@episante/service/jobs";
import { tellStale, tellStaleJob } from "../actions/tell-stale.ts";
import type { AlertDeps } from "../deps.ts";

/** Looks each second for open alerts whose readings stopped or came back; at once when the business clock jumps. */
export const tellStaleOnTime: Job<AlertDeps> = job<AlertDeps>({
  name: tellStaleJob,
  everyMs: 1_000,
  run: ({ deps, now }) => tellStale(deps, now),
});
