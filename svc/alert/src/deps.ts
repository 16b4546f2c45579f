import type { MirrorSpec } from "@episante/service/mirror";
import type { BaseDeps } from "@episante/service/run";
import type { EngineCache } from "./actions/engine-cache.ts";
import type { FeedHub } from "./actions/feed-hub.ts";
import type { AlertMetrics } from "./metrics.ts";

/** What the verbs of svc/alert need. */
export interface AlertDeps extends BaseDeps {
  readonly relationships: Pick<MirrorSpec, "fresh">;
  readonly engine: EngineCache;
  readonly feed: FeedHub;
  readonly alertMetrics: AlertMetrics;
}
