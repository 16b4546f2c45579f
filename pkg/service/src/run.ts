import type { ServiceName } from "@episante/contracts/session";
import { sql } from "drizzle-orm";
import { makeApp } from "./app.ts";
import { type CallInternal, makeCaller } from "./call.ts";
import { type ChannelSocket, channels, takesChannel } from "./channel.ts";
import { type Clock, settableClock, systemClock } from "./clock.ts";
import { type BaseConfig, ConfigError } from "./config.ts";
import { type ConsumeDeps, type ConsumerSpec, type Running, startConsumer } from "./consume.ts";
import { assertRowSecurityBinds, type Database, openDatabase } from "./db.ts";
import type { BoundRoute } from "./endpoint.ts";
import { type Job, startJob } from "./jobs.ts";
import { type Log, makeLog } from "./log.ts";
import { type Metrics, makeMetrics } from "./metrics.ts";
import { type MirrorSpec, startBeats, startMirror } from "./mirror.ts";
import { connectNats, followTestClock, type JetStreamClient, jetStreamOf, type NatsConnection, watchConnection } from "./nats.ts";
import { measureOutbox, type Outbox, startOutbox } from "./outbox.ts";
import { type ReaderSpec, startReader } from "./reader.ts";
import { type Sample, startSample } from "./sample.ts";
import { makeStatus } from "./status.ts";
import { makeSigner, makeVerifier, type Signer, type Verifier } from "./token.ts";
import { startTracing } from "./trace.ts";

export type ServiceConfig = BaseConfig & { DATABASE_URL: string; upstreams: Record<string, string> };

/** What the platform gives every service. */
export interface BaseDeps extends ConsumeDeps {
  readonly service: ServiceName;
  readonly config: ServiceConfig;
  readonly db: Database;
  readonly nats: NatsConnection;
  readonly js: JetStreamClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly outbox: Outbox;
  readonly verifier: Verifier;
  readonly signer: Signer;
  readonly callInternal: CallInternal;
}

export interface ServiceDefinition<C extends ServiceConfig, D extends BaseDeps> {
  readonly service: ServiceName;
  readonly config: C;
  /** Adds what only this service needs; `onStop` functions run at the end. */
  readonly extend: (base: BaseDeps & { config: C }, onStop: (stop: () => Promise<void>) => void) => Promise<D>;
  readonly routes: (deps: D) => readonly BoundRoute[];
  readonly consumers?: (deps: D) => readonly ConsumerSpec<D>[];
  readonly mirrors?: (deps: D) => readonly MirrorSpec<D>[];
  readonly readers?: (deps: D) => readonly ReaderSpec<D>[];
  readonly jobs?: (deps: D) => readonly Job<D>[];
  /** Gauges that have to be asked for. */
  readonly samples?: (deps: D) => readonly Sample[];
  /** Owners that others mirror send heartbeats. */
  readonly beats?: boolean;
  /** Further reasons not to be ready. */
  readonly notReady?: (deps: D) => readonly string[];
}

/** Stands a service up: connections, relay, consumers, readers, HTTP; and takes it down in order on SIGTERM. */
export async function runService<C extends ServiceConfig, D extends BaseDeps>(definition: ServiceDefinition<C, D>): Promise<void> {
  const { service, config } = definition;
  const log = makeLog(service, config.LOG_LEVEL);
  const stops: (() => Promise<void>)[] = [];
  process.on("unhandledRejection", (error) => log.error({ err: error }, "unhandled rejection"));
  try {
    stops.push(await startTracing(service, config, log));
    // A busy partition holds a connection nearly all the time: requests and the relay must not wait for one.
    const connections = requestConnections + (definition.readers ? config.PARTITIONS : 0);
    const base = await connectBase(service, config, log, stops, connections);
    const deps = await definition.extend({ ...base, config }, (stop) => stops.push(stop));
    const isConnected = watchConnection(deps.nats, log);
    let isStopping = false;
    let isDatabaseUp = true;
    const probe = setInterval(() => {
      deps.db.drizzle.execute(sql`select 1`).then(
        () => {
          isDatabaseUp = true;
        },
        () => {
          isDatabaseUp = false;
        },
      );
    }, 500);
    const ready = () => [
      ...(isStopping ? ["stopping"] : []),
      ...(isDatabaseUp ? [] : ["database"]),
      ...(isConnected() ? [] : ["nats"]),
      ...(definition.notReady?.(deps) ?? []),
    ];
    const running: Running[] = [];
    const mirrors = definition.mirrors?.(deps) ?? [];
    for (const spec of mirrors) running.push(await startMirror(spec, deps));
    for (const spec of definition.consumers?.(deps) ?? []) running.push(await startConsumer(spec, deps));
    const readers = definition.readers?.(deps) ?? [];
    for (const spec of readers) running.push(startReader(spec, deps, { partitions: config.PARTITIONS, instance: config.INSTANCE }));
    for (const spec of definition.jobs?.(deps) ?? []) running.push(startJob(spec, deps));
    running.push(startHousekeeping(deps));
    const outboxSample: Sample = { name: "outbox", everyMs: 5_000, take: () => measureOutbox(deps.db, deps.metrics) };
    for (const sample of [outboxSample, ...(definition.samples?.(deps) ?? [])]) running.push(startSample(sample, log));
    if (definition.beats) running.push(startBeats(service, deps.nats, deps.outbox, log));
    const status = makeStatus({ db: deps.db, metrics: deps.metrics, ready, partitions: config.PARTITIONS, mirrors, readers });
    const app = makeApp({
      service,
      routes: definition.routes(deps),
      deps: { log, metrics: deps.metrics, verifier: deps.verifier, ready, status },
    });
    const server = Bun.serve<ChannelSocket>({
      port: config.PORT,
      hostname: config.HOST,
      idleTimeout: 120,
      fetch: (request, self) => (takesChannel(request, self) ? undefined : app.fetch(request)),
      websocket: channels((request) => app.fetch(request)),
      maxRequestBodySize: 32 * 1024 * 1024,
    });
    log.info({ port: server.port }, "ready");

    const stop = async () => {
      if (isStopping) return;
      isStopping = true;
      clearInterval(probe);
      setTimeout(() => process.exit(1), 15_000).unref();
      await Promise.race([server.stop(), new Promise((resolve) => setTimeout(resolve, 3_000))]);
      await server.stop(true);
      await Promise.all(running.map((part) => part.stop()));
      for (const stopPart of stops.reverse()) await stopPart();
      process.exit(0);
    };
    process.on("SIGTERM", () => void stop());
    process.on("SIGINT", () => void stop());
  } catch (error) {
    log.error({ err: error }, "could not start");
    process.exit(1);
  }
}

/** Reads the settings or ends the process with every fault listed (exit code 78, as sysexits' EX_CONFIG). */
export function configOrExit<C>(load: () => C): C {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

/** Connections for requests, jobs and the outbox's relay. */
const requestConnections = 5;

async function connectBase(
  service: ServiceName,
  config: ServiceConfig,
  log: Log,
  stops: (() => Promise<void>)[],
  connections: number,
): Promise<BaseDeps> {
  const metrics = makeMetrics(service);
  const db = openDatabase(config.DATABASE_URL, { name: service, max: connections });
  await untilUp(() => assertRowSecurityBinds(db), log);
  const nats = await connectNats({ url: config.NATS_URL, user: config.NATS_USER, password: config.NATS_PASSWORD, name: service });
  const js = jetStreamOf(nats);
  const clock = config.TEST_CLOCK === "on" ? settableClock() : systemClock;
  if ("set" in clock) await followTestClock(nats, clock as ReturnType<typeof settableClock>);
  const outbox = await startOutbox({ db, js, log, metrics });
  const signer = await makeSigner(service, config.SIGNING_KEY);
  stops.push(
    () => db.close(),
    () => nats.drain(),
    () => outbox.stop(),
  );
  return {
    service,
    config,
    db,
    nats,
    js,
    clock,
    log,
    metrics,
    outbox,
    signer,
    verifier: makeVerifier(service, config.JWKS),
    callInternal: makeCaller(signer, config.upstreams),
  };
}

/** The database may still be starting: connection faults are waited out for half a minute, anything else is final. */
async function untilUp(check: () => Promise<void>, log: Log): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await check();
    } catch (error) {
      const code = String((error as { code?: unknown }).code ?? "");
      if (attempt >= 60 || !/^(ECONN|CONNECT|57P03|57P01)/.test(code)) throw error;
      if (attempt === 1) log.warn({ err: error }, "waiting for the database");
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Forgets inbox rows, marks and idempotency answers that no retry can still ask for. */
function startHousekeeping(deps: BaseDeps): Running {
  return startJob(
    {
      name: "housekeeping",
      everyMs: 3_600_000,
      run: async () => {
        await deps.db.drizzle.execute(sql`delete from inbox where handled_at < now() - interval '35 days'`);
        await deps.db.drizzle.execute(
          sql`delete from reader_marks where touched_at < now() - interval '7 days' and reader in (select reader from reader_leases)`,
        );
      },
    },
    deps,
  );
}
