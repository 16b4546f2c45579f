import { type Job, job } from "@episante/service/jobs";
import { reconcileReadings } from "../actions/reconcile-readings.ts";
import type { IngestDeps } from "../deps.ts";

/** Looks each minute whether a pass is due: each hour, or ordered by an administrator. */
export const reconcileReadingsJob: Job<IngestDeps> = job<IngestDeps>({
  name: "reconcile-readings",
  everyMs: 60_000,
  run: async ({ deps, now }) => void (await reconcileReadings(deps, now)),
});
