import { configOrExit, runService } from "@episante/service/run";
import { EngineCache } from "./actions/engine-cache.ts";
import { readerName } from "./actions/evaluate-readings.ts";
import { FeedHub } from "./actions/feed-hub.ts";
import { routes } from "./app.ts";
import { loadAlertConfig } from "./config.ts";
import { addDefaultRule } from "./consumers/add-default-rule-on-clinic-changed.ts";
import { evaluateOnReceived } from "./consumers/evaluate-readings-on-received.ts";
import { mirrorRelationships } from "./consumers/mirror-relationships-on-changed.ts";
import { forgetOldBlocks } from "./jobs/forget-old-blocks.ts";
import { nameOwnersJob } from "./jobs/name-owners.ts";

const relationships = mirrorRelationships();

await runService({
  service: "alert",
  config: configOrExit(loadAlertConfig),
  extend: async (base) => {
    const { db, clock, log, config } = base;
    return {
      ...base,
      relationships,
      engine: new EngineCache(),
      feed: new FeedHub({ db, clock, log, partitions: config.PARTITIONS, readerName }),
    };
  },
  routes,
  mirrors: () => [relationships],
  consumers: () => [addDefaultRule],
  readers: (deps) => [evaluateOnReceived(deps)],
  jobs: () => [forgetOldBlocks, nameOwnersJob],
});
