import { type Job, job } from "@episante/service/jobs";
import type { IngestDeps } from "../deps.ts";
import { dayOf } from "../domain/readings.ts";
import { ensureDays } from "../storage/readings.ts";

/** Makes the partitions of today and the next two days before midnight needs them. */
export const makePartitions: Job<IngestDeps> = job<IngestDeps>({
  name: "make-partitions",
  everyMs: 3_600_000,
  run: ({ deps, now }) =>
    deps.db.drizzle.transaction((tx) =>
      ensureDays(
        tx,
        [0, 1, 2].map((days) => dayOf(now + days * 86_400_000)),
      ),
    ),
});
