import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectNats } from "@episante/service/nats";
import { natsTimerSlackNs } from "@episante/service/runtime";
import { ensureStreams } from "@episante/service/streams";
import {
  databaseMonitor,
  databaseMonitorPassword,
  databaseUrl,
  ensureDatabases,
  localServer,
  ownerUrl,
  writeDatabaseUrls,
} from "@episante/setup/databases";
import { natsAdmin, natsConfig, natsPasswordName } from "@episante/setup/nats-config";
import { ensureCalloutKey, ensureSigningKeys, openSecrets, type Secrets, signers } from "@episante/setup/secrets";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import postgres from "postgres";
import { launcherConfig } from "./config.ts";
import { findNats } from "./nats.ts";
import { createFolders, dataFolder } from "./paths.ts";
import { isAlive } from "./pids.ts";
import { portNames } from "./plan.ts";
import { reservePorts } from "./ports.ts";
import { ensureCluster, findPostgres } from "./postgres.ts";
import { natsSpec, postgresSpec } from "./servers.ts";
import { makeSupervisor, type Supervisor } from "./supervisor.ts";

const folder = dataFolder(mkdtempSync(join(tmpdir(), "epi-servers-")));
let supervisor: Supervisor;
let secrets: Secrets;
let ports: Readonly<Record<string, number>>;
const port = (name: string) => ports[name] ?? 0;
const server = () => localServer(port("postgres"));

beforeAll(async () => {
  createFolders(folder);
  secrets = openSecrets(folder.secrets);
  await ensureSigningKeys(secrets, signers);
  const reserved = await reservePorts(portNames, folder.portsFile);
  ports = reserved.ports;
  for (const name of portNames) await reserved.release(name);
  writeDatabaseUrls(server(), secrets);
  const config = natsConfig({
    host: "127.0.0.1",
    port: port("nats"),
    monitorPort: port("nats-monitor"),
    storeDir: folder.nats,
    calloutKey: ensureCalloutKey(secrets),
    secrets,
  });
  const programs = findPostgres(folder, launcherConfig());
  await ensureCluster(programs, folder, secrets);
  supervisor = makeSupervisor({ logsDir: folder.logs, onEvent: () => {}, onChange: () => {} });
  supervisor.start(postgresSpec(programs, folder, secrets, port("postgres")));
  supervisor.start(natsSpec(findNats(launcherConfig()), folder, secrets.put("nats.conf", config), port("nats"), port("nats-monitor")));
  await supervisor.ready(["postgres", "nats"], 60_000);
}, 90_000);

afterAll(async () => {
  await supervisor?.stop([["nats"], ["postgres"]]);
  rmSync(folder.dir, { recursive: true, force: true });
});

const natsAs = (user: string, password = secrets.password(natsPasswordName(user))) =>
  connectNats({ url: `nats://127.0.0.1:${port("nats")}`, user, password, name: "test" });

test("each service reaches its own database and no other, and secrets hold whatever the port", async () => {
  await ensureDatabases(server(), secrets);
  await ensureDatabases(server(), secrets);
  const own = postgres(readFileSync(secrets.path("authdb-app.url"), "utf8"), { max: 1 });
  expect(await own`select current_user::text as who, pg_has_role('app', 'member') as member`).toEqual([
    { who: "authdb_app", member: true },
  ] as never);
  await own.end();
  const foreign = postgres(databaseUrl(server()("auth"), "authdb_app", secrets.password("authdb-app.password"), "patientdb"), { max: 1 });
  await expect(Promise.resolve(foreign`select 1`)).rejects.toThrow(/permission denied/);
  await foreign.end();
  const wrong = postgres(databaseUrl(server()("auth"), "authdb_app", "guess", "authdb"), { max: 1 });
  await expect(Promise.resolve(wrong`select 1`)).rejects.toThrow(/password authentication failed/);
  await wrong.end();
});

test("the observer sees the server's statistics and no table", async () => {
  const login = (database: string) =>
    postgres(databaseUrl(server()("auth"), databaseMonitor, secrets.password(databaseMonitorPassword), database), { max: 1 });
  const owner = postgres(ownerUrl(server(), secrets, "auth"), { max: 1 });
  await owner`create table if not exists observed (secret text)`;
  await owner.end();
  const monitor = login("authdb");
  const [row] = await monitor`select pg_database_size('authdb')::int as size, (select count(*)::int from pg_stat_database) as databases`;
  expect(row?.size).toBeGreaterThan(0);
  expect(row?.databases).toBeGreaterThan(0);
  await expect(Promise.resolve(monitor`select secret from observed`)).rejects.toThrow(/permission denied/);
  await monitor.end();
});

test("the owner bypasses row-level security, the service does not; pages carry checksums", async () => {
  const owner = postgres(ownerUrl(server(), secrets, "auth"), { max: 1 });
  const [row] = await owner`select
    (select rolbypassrls from pg_roles where rolname = 'authdb_owner') as owner,
    (select rolbypassrls from pg_roles where rolname = 'authdb_app') as app,
    current_setting('data_checksums') as checksums`;
  expect(row).toEqual({ owner: true, app: false, checksums: "on" });
  await owner.end();
});

test("nats-server syncs before it acknowledges and lets each process do only what is its own", async () => {
  const settings = (await (await fetch(`http://127.0.0.1:${port("nats-monitor")}/jsz?config=1`)).json()) as {
    config: { sync_always?: boolean };
  };
  expect(settings.config.sync_always).toBe(true);
  const admin = await natsAs(natsAdmin);
  await ensureStreams(admin);
  await ensureStreams(admin);
  const gateway = await natsAs("gateway");
  const ack = await jetstream(gateway).publish("readings.0", "x");
  expect(ack.stream).toBe("READINGS");
  await expect(jetstream(gateway).publish("events.appointment.booked.v1", "x", { timeout: 1_000 })).rejects.toThrow();
  await expect((await jetstreamManager(gateway, { checkAPI: false })).streams.purge("READINGS")).rejects.toThrow();
  await Promise.all([admin.close(), gateway.close()]);
});

test("nats-server's timers may be late by a millisecond, those of all its threads", () => {
  const pid = supervisor.processes().find(({ spec }) => spec.name === "nats")?.ref?.pid;
  const slackOf = (thread: string) => `/proc/${thread}/timerslack_ns`;
  if (!existsSync(slackOf("self"))) return;
  const slacks = readdirSync(`/proc/${pid}/task`).map((thread) => Number(readFileSync(slackOf(thread), "utf8")));
  expect(new Set(slacks)).toEqual(new Set([natsTimerSlackNs]));
});

test("kill -9 of Postgres and of nats-server loses nothing acknowledged and both are back", async () => {
  const database = postgres(ownerUrl(server(), secrets, "alert"), { max: 1, onnotice: () => {} });
  await database`create table kept (n integer)`;
  await database`insert into kept values (1)`;
  const admin = await natsAs(natsAdmin);
  await jetstream(admin).publish("readings.1", "kept");
  for (const name of ["postgres", "nats"]) {
    const killed = supervisor.processes().find(({ spec }) => spec.name === name);
    process.kill(killed?.ref?.pid ?? 0, "SIGKILL");
    for (let waited = 0; waited < 20_000; waited += 50) {
      const now = supervisor.processes().find(({ spec }) => spec.name === name);
      if (now?.ready && now.ref?.pid !== killed?.ref?.pid) break;
      await Bun.sleep(50);
    }
  }
  expect(supervisor.processes().filter(({ ref, ready }) => ready && ref && isAlive(ref))).toHaveLength(2);
  const again = postgres(ownerUrl(server(), secrets, "alert"), { max: 1 });
  expect(await again`select n from kept`).toEqual([{ n: 1 }] as never);
  // A new connection: a request that was queued on the old one while the server was away may be lost (at most once, by design).
  const fresh = await natsAs(natsAdmin);
  const kept = await (await jetstreamManager(fresh)).streams.getMessage("READINGS", { last_by_subj: "readings.1" });
  expect(kept?.string()).toBe("kept");
  await Promise.all([database.end(), again.end(), admin.close(), fresh.close()]);
}, 60_000);

test("secrets are files of the owner only, one key pair per process, and stay the same", async () => {
  expect(statSync(folder.secrets).mode & 0o777).toBe(0o700);
  for (const file of readdirSync(folder.secrets)) expect([file, statSync(join(folder.secrets, file)).mode & 0o777]).toEqual([file, 0o600]);
  const before = readFileSync(secrets.path("jwks.json"), "utf8");
  const { keys } = JSON.parse(before) as { keys: Record<string, string>[] };
  expect(keys.map(({ kid }) => kid).sort()).toEqual(signers.map((name) => `${name}-1`).sort());
  expect(keys.every((key) => key.d === undefined)).toBe(true);
  await ensureSigningKeys(openSecrets(folder.secrets), signers);
  expect(readFileSync(secrets.path("jwks.json"), "utf8")).toBe(before);
});
