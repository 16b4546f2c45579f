import { type BaseDeps, configOrExit, runService } from "@episante/service/run";
import { readingSamples } from "./actions/sample-readings.ts";
import { retentionOf } from "./actions/thin-readings.ts";
import { routes } from "./app.ts";
import { type IngestConfig, loadIngestConfig } from "./config.ts";
import { mirrorClinics } from "./consumers/mirror-clinics-on-changed.ts";
import { mirrorRelationships } from "./consumers/mirror-relationships-on-changed.ts";
import { noteLanded } from "./consumers/note-landed-on-readings-landed.ts";
import { storeOnReceived } from "./consumers/store-readings-on-received.ts";
import type { IngestDeps } from "./deps.ts";
import { openDeviceBucket } from "./device-bucket.ts";
import { openDeviceLogin, sessionsPassword } from "./device-login.ts";
import { type OpenDeviceSessions, openDeviceSessions } from "./device-sessions.ts";
import { WrongCodeLimit } from "./domain/wrong-codes.ts";
import { endSessions } from "./jobs/end-sessions.ts";
import { makePartitions } from "./jobs/make-partitions.ts";
import { reconcileReadingsJob } from "./jobs/reconcile-readings.ts";
import { repairBucketJob } from "./jobs/repair-bucket.ts";
import { thinReadingsJob } from "./jobs/thin-readings.ts";
import { makeReadingMetrics } from "./metrics.ts";
import { secrets } from "./secrets.ts";

const relationships = mirrorRelationships();
/** Without the seed no device has a NATS session. */
const noSessions: OpenDeviceSessions = { endOf: () => {}, sweep: async () => 0, close: async () => {} };

await runService<IngestConfig, IngestDeps & BaseDeps>({
  service: "ingest",
  config: configOrExit(loadIngestConfig),
  extend: async (base, onStop) => {
    const { nats, log, config } = base;
    const bucket = await openDeviceBucket(nats);
    if (config.CALLOUT_SEED) onStop(openDeviceLogin({ nats, bucket, secrets, log }, config.CALLOUT_SEED).drain);
    const sessions = config.CALLOUT_SEED
      ? openDeviceSessions({ url: config.NATS_URL, password: sessionsPassword(config.CALLOUT_SEED), bucket, log })
      : noSessions;
    onStop(sessions.close);
    const deviceServers = config.NATS_DEVICE_SERVERS.split(",").filter(Boolean);
    const allowsReplay = config.MODE !== "production" || config.TEST_CLOCK === "on";
    const readings = { retention: retentionOf(config), readingMetrics: makeReadingMetrics(base.metrics.make) };
    return {
      ...base,
      ...readings,
      relationships,
      bucket,
      sessions,
      wrongCodes: new WrongCodeLimit(),
      allowsReplay,
      deviceServers,
      secrets,
    };
  },
  routes,
  mirrors: () => [relationships],
  consumers: () => [mirrorClinics, noteLanded],
  readers: () => [storeOnReceived],
  jobs: () => [repairBucketJob, makePartitions, endSessions, reconcileReadingsJob, thinReadingsJob],
  samples: readingSamples,
});
