import { type Job, job } from "@episante/service/jobs";
import type { BaseDeps } from "@episante/service/run";
import { deliverDuePages } from "../actions/deliver-pages.ts";
import type { Deps } from "../deps.ts";

/** Sends the mails of pages, apart from those of visits: a critical one waits behind nothing. The platform's lock lets one instance send at a time. */
export const deliverPagesJob: Job<BaseDeps & Deps> = job<BaseDeps & Deps>({
  name: "deliver-pages",
  everyMs: 1_000,
  run: ({ deps }) => deliverDuePages(deps),
});
