import { baseConfig, loadConfig } from "@episante/service/config";
import { z } from "zod";

/** A setting that may be left out or left empty, as compose files do. */
const optional = <T extends z.ZodType>(inner: T) => z.preprocess((value) => (value === "" ? undefined : value), inner.optional());

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
  /** Port for MQTT over plain TCP, without TLS; without it MQTT is spoken over WebSocket only, at `/mqtt`. */
  MQTT_TCP_PORT: optional(z.coerce.number().int().min(1).max(65535)),
  /** Data folder of the installation: its disk and its `backup.json` are shown to the administrator. */
  DATA_DIR: optional(z.string()),
  /** Room that must be left on those disks for readings to be taken, bytes. */
  MIN_FREE_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(256 * 1024 * 1024),
  /** Volumes to watch, `name=path`, comma-separated. Without it: the data folder, or the root where none is known. */
  DISKS: z
    .string()
    .default("")
    .transform((value) => value.split(",").filter((part) => part.trim() !== ""))
    .pipe(z.array(z.string().regex(/^\s*[a-z][a-z0-9-]{0,30}=\/.*$/, "is not a list of name=/path")))
    .transform((parts) =>
      parts.map((part) => ({ name: part.trim().split("=", 1)[0] ?? "", path: part.slice(part.indexOf("=") + 1).trim() })),
    ),
  /** Record of the last backup, `{at, bytes, ok}`; `backup.json` in the data folder unless said. */
  BACKUP_FILE: optional(z.string()),
  /** Where TLS answers, `host:port`, to look at the certificate; without it none is looked for. */
  TLS_PROBE: optional(z.string().regex(/^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i, "is not host:port")),
  /** The name that the certificate must be for, as people type it. */
  TLS_PROBE_NAME: optional(z.string().max(253)),
  /** Address of the dashboards for the administrator's browser; without it no link is shown. */
  GRAFANA_URL: optional(z.url({ protocol: /^https?$/ })),
});

export type GatewayConfig = ReturnType<typeof readConfig>;

/** Settings of the gateway from the environment. @throws ConfigError with every fault */
export function readConfig(env: Record<string, string | undefined> = process.env) {
  return loadConfig(schema, env);
}
