import { type Job, job } from "@episante/service/jobs";
import type { BaseDeps } from "@episante/service/run";
import { deliverDue } from "../actions/deliver-messages.ts";
import type { Deps } from "../deps.ts";

/** Sends what is due, each second of real time a few. The platform's lock lets one instance send at a time. */
export const deliverMessagesJob: Job<BaseDeps & Deps> = job<BaseDeps & Deps>({
  name: "deliver-messages",
  everyMs: 1_000,
  run: ({ deps }) => deliverDue(deps),
});
