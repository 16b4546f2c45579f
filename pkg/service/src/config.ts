import { z } from "zod";
import { readSecretFile, secretFault, secretKinds } from "./secret-files.ts";

/** Settings every process has. Secrets (`DATABASE_URL`, `NATS_PASSWORD`, `SIGNING_KEY`) arrive as `NAME_FILE`. */
export const baseConfig = {
  PORT: z.coerce.number().int().min(0).max(65535),
  HOST: z.string().default("127.0.0.1"),
  NATS_URL: z.string().min(1),
  NATS_USER: z.string().min(1),
  NATS_PASSWORD: z.string().min(1),
  /** Private Ed25519 JWK of this process, JSON. */
  SIGNING_KEY: z.string().min(1),
  /** Public keys of all processes, JWKS JSON. */
  JWKS: z.string().min(1),
  MODE: z.enum(["production", "demo", "test"]).default("production"),
  TEST_CLOCK: z.enum(["on", "off"]).default("off"),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  /** Names this instance in reader leases; a restarted process with the same name takes its partitions back at once. */
  INSTANCE: z.string().max(40).default("0"),
  PARTITIONS: z.coerce.number().int().min(1).max(64).default(4),
  /** OpenTelemetry collector that takes traces (OTLP over HTTP), for example `http://127.0.0.1:4318`. Empty or absent: no traces. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.union([z.literal(""), z.url({ protocol: /^https?$/, error: "is not an http address" })]).optional(),
  /** Share of traces that is kept, 0 to 1; all when empty or absent. */
  OTEL_TRACES_SAMPLER_ARG: z
    .literal("")
    .transform(() => undefined)
    .or(z.coerce.number("is not a number from 0 to 1").min(0).max(1))
    .optional(),
};
export const databaseConfig = { DATABASE_URL: z.string().min(1) };
export type BaseConfig = z.output<z.ZodObject<typeof baseConfig>> & { DATABASE_URL?: string };

/** Every fault of the configuration at once, one line each, without the values. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

type Env = Record<string, string | undefined>;

/**
 * Reads the settings of a schema from the environment: `NAME`, or the trimmed content of the file named by `NAME_FILE`. Secrets must
 * come from files, and be good ones: not empty, not short, no well-known example.
 * @param across what is wrong with settings only in combination, one line each
 * @throws ConfigError listing every fault at once, with the files' names and never a value
 */
export function loadConfig<S extends z.ZodObject>(
  schema: S,
  env: Env = process.env,
  across: (values: Readonly<Env>) => readonly string[] = () => [],
): z.output<S> & { upstreams: Record<string, string> } {
  const faults: string[] = [];
  const values: Env = {};
  for (const name of Object.keys(schema.shape)) {
    const path = env[`${name}_FILE`];
    if (path) {
      const read = readSecretFile(path);
      const fault = "fault" in read ? read.fault : secretFault(name, read.value);
      if (fault !== null) faults.push(`${name}_FILE (${path}): ${fault}`);
      if ("value" in read) values[name] = read.value;
    } else if (env[name] !== undefined) {
      if (name in secretKinds) faults.push(`${name}: give it as ${name}_FILE, the path of a file`);
      else values[name] = env[name];
    }
  }
  const isNamed = (name: string) => faults.some((fault) => fault.startsWith(name));
  faults.push(...across(values).filter((fault) => !isNamed(fault.split(":")[0] ?? "")));
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = issue.path.join(".");
      if (isNamed(name)) continue;
      if (values[name] !== undefined) faults.push(`${name}: ${issue.message}`);
      else faults.push(name in secretKinds ? `${name}_FILE: is missing; it names the file of the secret` : `${name}: is missing`);
    }
  }
  if (faults.length > 0 || !parsed.success) throw new ConfigError(`Settings are not right:\n  ${faults.join("\n  ")}`);
  return { ...parsed.data, upstreams: upstreamsOf(env) };
}

/** `UPSTREAM_PATIENT=http://…` → `{patient: "http://…"}`. */
function upstreamsOf(env: Env): Record<string, string> {
  const found = Object.entries(env).filter(([name, value]) => name.startsWith("UPSTREAM_") && value);
  return Object.fromEntries(found.map(([name, value]) => [name.slice(9).toLowerCase(), value ?? ""]));
}
