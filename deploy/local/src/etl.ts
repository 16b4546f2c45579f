import { startRunInternal } from "@episante/contracts/pipeline";
import { Failure } from "@episante/setup/failure";
import { operatorClient } from "./operator.ts";
import type { DataFolder } from "./paths.ts";
import { say } from "./terminal.ts";

/** Runs all stages of the pipeline, for one day or for every day with new data, and prints the runs. @throws Failure when one failed */
export async function runEtl(folder: DataFolder, day?: string): Promise<void> {
  const pipeline = await operatorClient(folder, "pipeline");
  say(day ? `Running the pipeline for ${day}…` : "Running the pipeline…");
  const { items } = await pipeline.call(startRunInternal, { body: { stage: "all", ...(day ? { day } : {}) } });
  for (const run of items) {
    const outcome = run.status === "failed" ? `failed: ${run.error ?? "see the log"}` : run.changed ? "changed" : "unchanged";
    say(`${run.day}  ${run.stage.padEnd(6)}  ${String(run.rowsIn).padStart(9)} in  ${String(run.rowsOut).padStart(9)} out  ${outcome}`);
  }
  if (items.length === 0) say("Nothing to do: no data yet.");
  if (items.some(({ status }) => status === "failed")) throw new Failure("The pipeline failed (see above).");
}
