import type { BaseDeps } from "@episante/service/run";
import type { PipelineMetrics } from "./metrics.ts";
import type { Lander } from "./stages/land.ts";
import type { StageDeps } from "./stages/stage-deps.ts";

/** What actions, routes and jobs need. */
export interface PipelineDeps extends BaseDeps, StageDeps {
  readonly lander: Lander;
  readonly runMetrics: PipelineMetrics;
  /** Why the lake cannot be used now; null when all is well. */
  readonly lakeFault: () => string | null;
}
