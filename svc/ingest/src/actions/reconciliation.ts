import type { ResponseOf } from "@episante/contracts/endpoint";
import type { reconciliation } from "@episante/contracts/reading";
import { defineAction } from "@episante/service/action";
import { grant, type Tx } from "@episante/service/db";
import type { IngestDeps } from "../deps.ts";
import { countMissing, findReconciliation, listFindings, orderWholePass } from "../storage/reconciliation.ts";
import { gapGraceMs } from "./sample-readings.ts";

type Report = ResponseOf<typeof reconciliation>;
const mostFindings = 100;
const instant = (ms: number) => new Date(ms).toISOString();

/** What the last pass did and what is missing. Names devices, no patient: every administrator may see it (the endpoint's policy). */
export const getReconciliation = defineAction<IngestDeps, Record<string, never>, Report>({
  name: "ingest.reconciliation",
  access: () => grant.public(),
  run: ({ tx, now }) => report(tx, now),
});

/** Orders a pass over all that the log holds. */
export const orderReconciliation = defineAction<IngestDeps, Record<string, never>, Report>({
  name: "ingest.order-reconciliation",
  access: () => grant.public(),
  run: async ({ tx, now }) => {
    await orderWholePass(tx, now);
    return report(tx, now);
  },
});

async function report(tx: Tx, nowMs: number): Promise<Report> {
  const { dueAtMs, finishedAtMs, messages, readings, repaired } = await findReconciliation(tx);
  const findings = await listFindings(tx, mostFindings);
  return {
    dueAt: instant(dueAtMs),
    ...(finishedAtMs === null ? {} : { last: { at: instant(finishedAtMs), messages, readings, repaired } }),
    missing: await countMissing(tx, nowMs - gapGraceMs),
    findings: findings.map(({ foundAtMs, ...rest }) => ({ ...rest, foundAt: instant(foundAtMs) })),
  };
}
