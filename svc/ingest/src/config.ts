import { baseConfig, databaseConfig, loadConfig } from "@episante/service/config";
import { z } from "zod";

const schema = z.object({
  ...baseConfig,
  ...databaseConfig,
  /** Servers told to a device that pairs, comma-separated. */
  NATS_DEVICE_SERVERS: z.string().default(""),
  /** Account seed (`SA…`) that signs devices' NATS logins; without it the login service stays off. Arrives as `CALLOUT_SEED_FILE`. */
  CALLOUT_SEED: z.string().optional(),
});

/** Settings of svc/ingest. */
export const loadIngestConfig = () => loadConfig(schema);
export type IngestConfig = ReturnType<typeof loadIngestConfig>;
