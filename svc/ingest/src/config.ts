import { baseConfig, databaseConfig, loadConfig } from "@episante/service/config";
import { z } from "zod";
import { leastRetentionDays } from "./domain/retention.ts";

/** Days something is kept in the time series; 0 = for good. Never before it lies in bronze, which is kept for good. */
const keptDays = (days: number) =>
  z.coerce
    .number()
    .int()
    .max(36_500)
    .refine((value) => value === 0 || value >= leastRetentionDays, `must be 0 (for good), or at least ${leastRetentionDays}`)
    .default(days);

const schema = z.object({
  ...baseConfig,
  ...databaseConfig,
  /** Servers told to a device that pairs, comma-separated. */
  NATS_DEVICE_SERVERS: z.string().default(""),
  /** Account seed (`SA…`) that signs devices' NATS logins; without it the login service stays off. Arrives as `CALLOUT_SEED_FILE`. */
  CALLOUT_SEED: z.string().optional(),
  /** Beat intervals, one a second and more. */
  RETAIN_BEATS_DAYS: keptDays(90),
  /** Heart rate, pulse, SpO2 and respiration, told each second. */
  RETAIN_VITALS_DAYS: keptDays(400),
  /** All other readings. */
  RETAIN_MEASUREMENTS_DAYS: keptDays(0),
  /** Roll-ups of all signals by the minute, and by the hour. */
  RETAIN_MINUTES_DAYS: keptDays(1_100),
  RETAIN_HOURS_DAYS: keptDays(0),
});

/** Settings of svc/ingest. */
export const loadIngestConfig = () => loadConfig(schema);
export type IngestConfig = ReturnType<typeof loadIngestConfig>;
