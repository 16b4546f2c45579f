import { type Job, job } from "@episante/service/jobs";
import { endWaits, endWaitsJob } from "../actions/end-waits.ts";
import type { AlertDeps } from "../deps.ts";

/** Looks each second for snoozes and acknowledgements whose time is over; at once when the business clock jumps. */
export const endWaitsOnTime: Job<AlertDeps> = job<AlertDeps>({
  name: endWaitsJob,
  everyMs: 1_000,
  run: ({ deps, now }) => endWaits(deps, now),
});
