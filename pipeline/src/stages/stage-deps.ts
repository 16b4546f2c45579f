import type { ObjectStore } from "@episante/service/objects";
import type { DuckLimits } from "../duck.ts";

/** What the pipeline's stages need beyond the platform. */
export interface StageDeps {
  readonly lake: ObjectStore;
  readonly duck: DuckLimits;
}
