import { type Job, job } from "@episante/service/jobs";
import { repairBucket } from "../actions/repair-bucket.ts";
import type { IngestDeps } from "../deps.ts";

/** Makes the registry bucket right at start and every minute. */
export const repairBucketJob: Job<IngestDeps> = job<IngestDeps>({
  name: "repair-bucket",
  everyMs: 60_000,
  run: async ({ deps }) => {
    const count = await repairBucket(deps);
    if (count > 0) deps.log.warn({ job: "repair-bucket", count }, "registry entries repaired");
  },
});
