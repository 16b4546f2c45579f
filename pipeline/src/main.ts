import { openObjectStore } from "@episante/service/objects";
import { configOrExit, runService } from "@episante/service/run";
import { pipelineRoutes } from "./app.ts";
import { loadPipelineConfig } from "./config.ts";
import { pipelineJobs } from "./jobs/jobs.ts";
import { makeLander } from "./stages/land.ts";

const config = configOrExit(loadPipelineConfig);
await runService({
  service: "pipeline",
  config,
  extend: async (base) => {
    const stage = { lake: openObjectStore(config), duck: { memoryMb: config.DUCK_MEMORY_MB, threads: config.DUCK_THREADS } };
    return { ...base, ...stage, lander: makeLander({ ...base, ...stage }, config.PARTITIONS) };
  },
  routes: pipelineRoutes,
  jobs: () => pipelineJobs(config),
});
