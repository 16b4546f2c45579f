import { grant } from "@episante/service/db";
import type { Sample } from "@episante/service/sample";
import type { IngestDeps } from "../deps.ts";
import { countMissing, findReconciliation } from "../storage/reconciliation.ts";

/** A gap younger than this may be a batch on its way: devices send a backlog beside what is new. */
export const gapGraceMs = 3_600_000;

/** What the reconciler found, as gauges. */
export const readingSamples = (deps: IngestDeps): Sample[] => [
  {
    name: "readings-missing",
    everyMs: 30_000,
    take: () =>
      deps.db.transaction(grant.system("sample-readings"), async (tx) => {
        const missing = await countMissing(tx, deps.clock.now() - gapGraceMs);
        deps.readingMetrics.missing.set({ where: "bronze" }, missing.bronze);
        deps.readingMetrics.missing.set({ where: "device" }, missing.sequence);
        deps.readingMetrics.reconciledAt.set(((await findReconciliation(tx)).finishedAtMs ?? 0) / 1000);
      }),
  },
];
