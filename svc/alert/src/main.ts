import { configOrExit, runService } from "@episante/service/run";
import { EngineCache } from "./actions/engine-cache.ts";
import { readerName } from "./actions/evaluate-readings.ts";
import { FeedHub } from "./actions/feed-hub.ts";
import { alertSamples } from "./actions/sample-alerts.ts";
import { routes } from "./app.ts";
import { loadAlertConfig } from "./config.ts";
import { addDefaultRule } from "./consumers/add-default-rule-on-clinic-changed.ts";
import { evaluateOnReceived } from "./consumers/evaluate-readings-on-received.ts";
import { mirrorDoctors } from "./consumers/mirror-doctors-on-membership-changed.ts";
import { mirrorPeople } from "./consumers/mirror-people-on-membership-changed.ts";
import { mirrorRelationships } from "./consumers/mirror-relationships-on-changed.ts";
import { mirrorZones } from "./consumers/mirror-zones-on-clinic-changed.ts";
import { mirrorOwnZones } from "./consumers/mirror-zones-on-preferences-changed.ts";
import { endWaitsOnTime } from "./jobs/end-waits.ts";
import { escalateOnTime } from "./jobs/escalate-alerts.ts";
import { forgetOldBlocks } from "./jobs/forget-old-blocks.ts";
import { nameOwnersJob } from "./jobs/name-owners.ts";
import { tellStaleOnTime } from "./jobs/tell-stale.ts";
import { makeAlertMetrics } from "./metrics.ts";

const relationships = mirrorRelationships();

await runService({
  service: "alert",
  config: configOrExit(loadAlertConfig),
  extend: async (base) => {
    const { db, clock, log, config, metrics } = base;
    const feed = new FeedHub({ db, clock, log, partitions: config.PARTITIONS, readerName });
    metrics.make.asked("alert_consoles_connected", "Live feeds open", () => feed.count());
    return {
      ...base,
      relationships,
      engine: new EngineCache(),
      feed,
      alertMetrics: makeAlertMetrics(metrics.make),
    };
  },
  routes,
  mirrors: () => [relationships],
  consumers: () => [addDefaultRule, mirrorDoctors, mirrorPeople, mirrorZones, mirrorOwnZones],
  readers: (deps) => [evaluateOnReceived(deps)],
  jobs: () => [forgetOldBlocks, nameOwnersJob, endWaitsOnTime, tellStaleOnTime, escalateOnTime],
  samples: alertSamples,
});
