import type { ObjectStore } from "@episante/service/objects";
import type { BaseDeps } from "@episante/service/run";
import type { DuckLimits } from "./duck.ts";
import type { Lander } from "./stages/land.ts";

/** What the pipeline's stages need beyond the platform. */
export interface StageDeps {
  readonly lake: ObjectStore;
  readonly duck: DuckLimits;
}

/** What actions, routes and jobs need. */
export interface PipelineDeps extends BaseDeps, StageDeps {
  readonly lander: Lander;
}
