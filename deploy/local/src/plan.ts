import { join } from "node:path";
import { type ServiceName, serviceNames } from "@episante/contracts/session";
import { gatewayEnvironment } from "@episante/service/runtime";
import { databaseOf } from "@episante/setup/databases";
import { natsPasswordName } from "@episante/setup/nats-config";
import type { Secrets } from "@episante/setup/secrets";
import { type DataFolder, repoRoot } from "./paths.ts";
import { instanceVariable } from "./pids.ts";

/** Everything that decides how the processes of one instance are started. */
export interface PlanInput {
  readonly folder: DataFolder;
  readonly secrets: Pick<Secrets, "path">;
  /** Internal port per process, and `postgres`, `nats`, `nats-monitor`. */
  readonly ports: Readonly<Record<string, number>>;
  readonly publicPort: number;
  readonly mode: "demo" | "production";
  readonly testClock: boolean;
  readonly smtpUrlFile?: string;
  /** Address people reach the clinic at, for links in mails. */
  readonly publicUrl?: string;
  readonly mailFrom?: string;
  readonly trustedProxies?: string;
  /** Collector that takes traces, and the share that is kept; no traces without it. */
  readonly traces?: { readonly endpoint: string; readonly share?: number | undefined };
  readonly inherited: Readonly<Record<string, string>>;
  /** How long readings are kept: settings of svc/ingest. */
  readonly retention?: Readonly<Record<string, string>>;
  /** Settings of the operations page, for the gateway alone. */
  readonly operations?: Readonly<Record<string, string>>;
}

/** Names whose ports are picked and kept. The gateway's is its internal one; its public port is given. */
export const portNames = ["postgres", "nats", "nats-monitor", ...serviceNames] as const;

/** Start file of a process. */
export function mainOf(service: ServiceName): string {
  if (service === "pipeline") return "pipeline/src/main.ts";
  return service === "gateway" ? "edge/gateway/src/main.ts" : `svc/${service}/src/main.ts`;
}

/** The environment of one process. Secrets are named as files only. */
export function environmentOf(service: ServiceName, input: PlanInput): Record<string, string> {
  const { folder, ports, secrets } = input;
  const port = (name: string) => String(ports[name]);
  const upstreams = serviceNames
    .filter((name) => name !== "gateway")
    .map((name) => [`UPSTREAM_${name.toUpperCase()}`, `http://127.0.0.1:${port(name)}`]);
  return {
    ...input.inherited,
    NODE_ENV: "production",
    [instanceVariable]: folder.dir,
    HOST: "127.0.0.1",
    PORT: service === "gateway" ? String(input.publicPort) : port(service),
    MODE: input.mode,
    TEST_CLOCK: input.testClock ? "on" : "off",
    INSTANCE: "0",
    PARTITIONS: "4",
    DATA_DIR: folder.dir,
    NATS_URL: `nats://127.0.0.1:${port("nats")}`,
    NATS_MONITOR_URL: `http://127.0.0.1:${port("nats-monitor")}`,
    NATS_USER: service,
    NATS_PASSWORD_FILE: secrets.path(natsPasswordName(service)),
    SIGNING_KEY_FILE: secrets.path(`${service}.jwk`),
    JWKS_FILE: secrets.path("jwks.json"),
    ...(service === "gateway" ? {} : { DATABASE_URL_FILE: secrets.path(`${databaseOf[service]}-app.url`) }),
    ...Object.fromEntries(upstreams),
    ...tracesOf(input),
    ...extrasOf(service, input),
  };
}

function tracesOf({ traces }: PlanInput): Record<string, string> {
  if (!traces) return {};
  const { endpoint, share = 1 } = traces;
  return { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: String(share) };
}

function extrasOf(service: ServiceName, input: PlanInput): Record<string, string> {
  const { folder, ports, secrets } = input;
  const deviceServers = `nats://127.0.0.1:${ports.nats}`;
  switch (service) {
    case "gateway":
      return {
        OPS_PORT: String(ports.gateway),
        ...gatewayEnvironment,
        UI_DIR: join(repoRoot, "ui/dist"),
        ...(input.trustedProxies ? { TRUSTED_PROXIES: input.trustedProxies } : {}),
        ...input.operations,
      };
    case "ingest":
      return { NATS_DEVICE_SERVERS: deviceServers, CALLOUT_SEED_FILE: secrets.path("callout.seed"), ...input.retention };
    case "notification":
      return {
        PUBLIC_URL: input.publicUrl ?? `http://localhost:${input.publicPort}`,
        ...(input.mailFrom ? { MAIL_FROM: input.mailFrom } : {}),
        ...(input.smtpUrlFile ? { MAIL: "smtp", SMTP_URL_FILE: input.smtpUrlFile } : { MAIL: input.mode === "demo" ? "capture" : "off" }),
      };
    case "appointment":
      // A demonstration reads calendars of a test server on this machine too.
      return { LOCAL_CALENDARS: input.mode === "production" ? "off" : "on" };
    case "pipeline":
      return { LAKE_DIR: folder.lake };
    case "doctor":
      return { GOLD_DATABASE_URL_FILE: secrets.path("gold-reader.url") };
    default:
      return {};
  }
}

/** Where a process says that it is ready. */
export function readyUrlOf(service: ServiceName, ports: Readonly<Record<string, number>>): string {
  return `http://127.0.0.1:${ports[service]}/readyz`;
}
