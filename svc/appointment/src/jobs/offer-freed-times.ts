import { type Job, job } from "@episante/service/jobs";
import type { BaseDeps } from "@episante/service/run";
import { offerDue, offerJob } from "../actions/offer-freed.ts";

/** Looks at due waitlists every 5 s of real time: offers that ran out, and what another process freed or a crash left. */
export const offerFreedTimesJob: Job<BaseDeps> = job<BaseDeps>({
  name: offerJob,
  everyMs: 5_000,
  run: ({ deps }) => offerDue(deps),
});
