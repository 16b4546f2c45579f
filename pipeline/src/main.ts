import { openObjectStore } from "@episante/service/objects";
import { configOrExit, runService } from "@episante/service/run";
import { runSamples } from "./actions/sample-runs.ts";
import { pipelineRoutes } from "./app.ts";
import { loadPipelineConfig } from "./config.ts";
import { removeLeftWork } from "./duck.ts";
import { pipelineJobs } from "./jobs/jobs.ts";
import { watchLake } from "./lake-watch.ts";
import { makePipelineMetrics } from "./metrics.ts";
import { makeLander } from "./stages/land.ts";
import { hasBronze } from "./storage/landing.ts";

const config = configOrExit(loadPipelineConfig);
await removeLeftWork();
await runService({
  service: "pipeline",
  config,
  extend: async (base, onStop) => {
    const lake = watchLake(openObjectStore(config), { log: base.log, isNew: async () => !(await hasBronze(base.db)) });
    onStop(lake.stop);
    const stage = { lake: lake.store, duck: { memoryMb: config.DUCK_MEMORY_MB, threads: config.DUCK_THREADS } };
    return {
      ...base,
      ...stage,
      lakeFault: lake.fault,
      lander: makeLander({ ...base, ...stage }, config.PARTITIONS),
      runMetrics: makePipelineMetrics(base.metrics.make),
    };
  },
  routes: pipelineRoutes,
  jobs: () => pipelineJobs(config),
  samples: runSamples,
  notReady: ({ lakeFault }) => [lakeFault()].filter((fault) => fault !== null),
});
