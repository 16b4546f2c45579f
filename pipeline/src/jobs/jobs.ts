import { isRefusal } from "@episante/contracts/problem";
import { type Job, job } from "@episante/service/jobs";
import { dueDays, runStages } from "../actions/run-stages.ts";
import { startRun } from "../actions/start-run.ts";
import type { PipelineConfig } from "../config.ts";
import type { PipelineDeps } from "../deps.ts";

/** Landing by the clock, and a run when something is due. While the lake does not work nothing is begun: the streams keep everything. */
export function pipelineJobs(config: PipelineConfig): Job<PipelineDeps>[] {
  const land = job<PipelineDeps>({
    name: "land-events",
    everyMs: config.LAND_EVENTS_SECONDS * 1000,
    run: async ({ deps }) => {
      if (deps.lakeFault() === null) await deps.lander.flush(["EVENTS", "ALERTS"]);
    },
  });
  const landReadings = job<PipelineDeps>({
    name: "land-readings",
    everyMs: config.LAND_READINGS_SECONDS * 1000,
    run: async ({ deps }) => {
      if (deps.lakeFault() === null) await deps.lander.flush(["READINGS"]);
    },
  });
  if (config.RUN_EVERY_SECONDS === 0) return [land, landReadings];
  return [land, landReadings, runDue(config.RUN_EVERY_SECONDS)];
}

/** The first turn comes one pause after the start: a start is no reason to work. */
function runDue(everySeconds: number): Job<PipelineDeps> {
  let turns = 0;
  return job<PipelineDeps>({
    name: "run-due",
    everyMs: everySeconds * 1000,
    run: async ({ deps }) => {
      if (turns++ === 0 || deps.lakeFault() !== null) return;
      await deps.lander.flush();
      if ((await dueDays(deps)).length === 0) return;
      const actor = { kind: "system", job: "run-due" } as const;
      const started = await startRun(deps, actor, { stage: "all" }, { traceId: "", headers: new Headers() });
      if (!isRefusal(started)) await runStages(deps, actor, started);
    },
  });
}
