import { type Job, job } from "@episante/service/jobs";
import { escalateAlerts, escalateJob } from "../actions/escalate-alerts.ts";
import type { AlertDeps } from "../deps.ts";

/** Looks each second for alerts that call and steps that are due; at once when the business clock jumps. */
export const escalateOnTime: Job<AlertDeps> = job<AlertDeps>({
  name: escalateJob,
  everyMs: 1_000,
  run: ({ deps, now }) => escalateAlerts(deps, now),
});
