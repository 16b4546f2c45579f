import { baseConfig, loadConfig } from "@episante/service/config";
import { z } from "zod";

const schema = z.object({
  ...baseConfig,
  /** Internal port: `/healthz`, `/readyz`, `/metrics`. */
  OPS_PORT: z.coerce.number().int().min(0).max(65535),
  /** Folder with the built pages (`index.html`, `console.html`, `assets/`). Without it only the API is served. */
  UI_DIR: z.string().optional(),
  /** Monitoring endpoints of the brokers, comma-separated; asked whether they fsync. */
  NATS_MONITOR_URL: z
    .string()
    .transform((value) => value.split(",").map((url) => url.trim()))
    .pipe(z.array(z.url()).min(1)),
  /** Addresses or IPv4 ranges of proxies in front, whose `x-forwarded-*` headers are believed. */
  TRUSTED_PROXIES: z.string().default(""),
  /** Bytes of readings accepted but not yet on disk, over all devices. */
  MAX_UNFLUSHED_BYTES: z.coerce
    .number()
    .int()
    .min(1024 * 1024)
    .default(16 * 1024 * 1024),
});

export type GatewayConfig = ReturnType<typeof readConfig>;

/** Settings of the gateway from the environment. @throws ConfigError with every fault */
export function readConfig(env: Record<string, string | undefined> = process.env) {
  return loadConfig(schema, env);
}
