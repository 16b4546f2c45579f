import { z } from "zod";

const schema = z.object({
  /** A nats-server to use instead of the one on PATH or from npm. */
  EPISANTE_NATS_SERVER: z.string().optional(),
  /** Folder with `initdb` and `postgres` to use instead of the ones from npm. */
  EPISANTE_POSTGRES_BIN: z.string().optional(),
  /** Chromium for the browser tests. */
  EPISANTE_CHROMIUM: z.string().optional(),
  /** A Prometheus to use for --monitoring instead of the one on PATH. */
  EPISANTE_PROMETHEUS: z.string().optional(),
  /** As root: how Postgres, which refuses root, is started. Chosen by itself when absent. */
  EPISANTE_POSTGRES_AS: z.enum(["unshare", "nobody"]).optional(),
  /** Relays notification mails to this server instead of the capture inbox. */
  SMTP_URL: z.string().optional(),
  /** Sender of the mails. */
  MAIL_FROM: z.string().optional(),
  /** Addresses or IPv4 ranges of a TLS proxy in front, whose `x-forwarded-*` headers are believed. */
  TRUSTED_PROXIES: z.string().optional(),
  /** Address people reach the clinic at, for links in mails and invitations. `http://localhost:PORT` when absent. */
  PUBLIC_URL: z.url().optional(),
  /** Least free room to start with, MiB. */
  EPISANTE_MIN_FREE_MIB: z.coerce.number().int().min(0).default(1024),
  /** OpenTelemetry collector for the traces of every process (OTLP over HTTP). No traces when absent. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** Share of traces that is kept, 0 to 1. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).optional(),
  NO_COLOR: z.string().optional(),
  /** Set by `up --detach` for its background process: file for what may be shown once but not logged (logins, invitation). */
  EPISANTE_NEWS_FILE: z.string().optional(),
});
export type LauncherConfig = z.infer<typeof schema>;

/** Settings of the launcher. All have a default. */
export function launcherConfig(): LauncherConfig {
  const present = Object.entries(process.env).filter(([, value]) => value !== undefined && value !== "");
  return schema.parse(Object.fromEntries(present));
}

/** What every child process inherits: enough to run, and nothing else of the caller's environment. */
export function plainEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
  return Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** What the operations page is told of the surroundings; handed on as it is, the gateway checks it. */
export function operationsEnvironment(): Record<string, string> {
  return handedOn(["TLS_PROBE", "TLS_PROBE_NAME", "GRAFANA_URL", "DISKS", "BACKUP_FILE"]);
}

/** How long readings are kept; handed on as it is, svc/ingest checks it. */
export function retentionEnvironment(): Record<string, string> {
  return handedOn(["BEATS", "VITALS", "MEASUREMENTS", "MINUTES", "HOURS"].map((name) => `RETAIN_${name}_DAYS`));
}

function handedOn(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** The caller's whole environment, with additions: for tests, which may be steered by it. */
export function callersEnvironment(more: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { ...process.env, ...more };
}
