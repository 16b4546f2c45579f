import type { BoundRoute } from "@episante/service/endpoint";
import type { PipelineDeps } from "./deps.ts";
import { qualityRoutes } from "./routes/quality.ts";
import { runRoutes } from "./routes/runs.ts";

/** Every route of the pipeline. */
export function pipelineRoutes(deps: PipelineDeps): BoundRoute[] {
  return [...runRoutes(deps), ...qualityRoutes(deps)];
}
