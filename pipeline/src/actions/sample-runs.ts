import { stages } from "@episante/contracts/pipeline";
import type { Sample } from "@episante/service/sample";
import type { PipelineDeps } from "../deps.ts";
import { listLastSuccesses } from "../storage/runs.ts";

/** When each stage last ended well, also before this process started. */
export function runSamples(deps: Pick<PipelineDeps, "db" | "runMetrics">): Sample[] {
  const take = async () => {
    const successes = await listLastSuccesses(deps.db);
    for (const stage of stages) deps.runMetrics.lastSuccess.set({ stage }, (successes.get(stage) ?? 0) / 1000);
  };
  return [{ name: "runs", everyMs: 15_000, take }];
}
