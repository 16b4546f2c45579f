import { type Job, job } from "@episante/service/jobs";
import { thinReadings } from "../actions/thin-readings.ts";
import type { IngestDeps } from "../deps.ts";

/** Retention: each hour. */
export const thinReadingsJob: Job<IngestDeps> = job<IngestDeps>({
  name: "thin-readings",
  everyMs: 3_600_000,
  run: async ({ deps, now }) => {
    const { waitingDays } = await thinReadings(deps, now);
    deps.readingMetrics.waitingDays.set(waitingDays);
  },
});
