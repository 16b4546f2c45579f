import { randomUUID } from "node:crypto";
import { deviceEntrySchema } from "@episante/contracts/device";
import { getOps } from "@episante/contracts/ops";
import { postReadings } from "@episante/contracts/reading";
import { sessionEntrySchema } from "@episante/contracts/session";
import { settableClock, systemClock } from "@episante/service/clock";
import { type DiskWatch, watchDisk } from "@episante/service/disk";
import { type Log, makeLog } from "@episante/service/log";
import { type Metrics, makeMetrics } from "@episante/service/metrics";
import { connectNats, followTestClock, jetStreamOf, watchConnection } from "@episante/service/nats";
import { startSample } from "@episante/service/sample";
import { makeSigner } from "@episante/service/token";
import { startTracing } from "@episante/service/trace";
import { type App, makeApp } from "./app.ts";
import type { GatewayConfig } from "./config.ts";
import { trustedProxies } from "./domain/address.ts";
import { segmentsOf } from "./domain/path.ts";
import { makeRouting } from "./domain/routing.ts";
import { makeHttpDoor } from "./doors/http-door.ts";
import { openMqttDoor } from "./doors/mqtt-door.ts";
import { openNatsDoor } from "./doors/nats-door.ts";
import { makeSocketDoor } from "./doors/socket-door.ts";
import { type DoorSocket, webSockets } from "./doors/web-sockets.ts";
import { endpoints } from "./endpoints.ts";
import { makeChannels } from "./feeds/channels.ts";
import { makeLimits } from "./limits.ts";
import { makeGatewayMetrics } from "./metrics.ts";
import { makeDevices } from "./mirrors/devices.ts";
import { mirrorBucket } from "./mirrors/kv-mirror.ts";
import { makeSessions } from "./mirrors/sessions.ts";
import { makeGather } from "./ops/gather.ts";
import { makeOpsRoute } from "./ops/route.ts";
import { type Committer, makeCommitter } from "./readings/committer.ts";
import { makeReceive } from "./readings/receive.ts";
import { watchSafety } from "./readings/safety.ts";
import { makeDocsRoute } from "./routes/docs.ts";
import { makeForward } from "./routes/forward.ts";
import { bind } from "./routes/own.ts";
import { loadStaticFiles } from "./routes/static.ts";
import { makeTestClockRoute } from "./routes/test-clock.ts";

export interface Gateway {
  readonly url: string;
  readonly opsUrl: string;
  /** Stops accepting, flushes what was accepted, answers what is in flight. */
  stop(): Promise<void>;
}

const version = "0.1.0";
const commitTimeoutMs = 2_000;
const giveUpAfterMs = 10_000;
const commitsAtOnce = 1;
const slowCommitMs = 100;
/** Deepest path of the product has 6 segments. */
const deepestPath = 10;

/** Starts the gateway: mirrors, committer, doors, public port, operations port. */
export async function startGateway(config: GatewayConfig, log: Log = makeLog("gateway", config.LOG_LEVEL)): Promise<Gateway> {
  const stopTracing = await startTracing("gateway", config, log);
  const metrics = makeMetrics("gateway");
  const meter = makeGatewayMetrics(metrics.make);
  const nats = await connectNats({ url: config.NATS_URL, user: config.NATS_USER, password: config.NATS_PASSWORD, name: "gateway" });
  const isConnected = watchConnection(nats, log);
  const js = jetStreamOf(nats);
  const clock = config.TEST_CLOCK === "on" ? settableClock() : systemClock;
  const unfollow = "set" in clock ? await followTestClock(nats, clock as ReturnType<typeof settableClock>) : () => {};
  const sessionMirror = await mirrorBucket({ nats, bucket: "sessions", schema: sessionEntrySchema, log });
  const deviceMirror = await mirrorBucket({ nats, bucket: "devices", schema: deviceEntrySchema, log });
  const sessions = makeSessions(sessionMirror, await makeSigner("gateway", config.SIGNING_KEY));
  const devices = makeDevices(deviceMirror);
  const safety = await watchSafety(nats, config.NATS_MONITOR_URL, log);
  const paths = config.DISKS.length > 0 ? config.DISKS.map(({ path }) => path) : [config.DATA_DIR ?? "/"];
  const disk = await watchDisk({ paths, reserveBytes: config.MIN_FREE_BYTES, log });

  const committer = makeCommitter({
    partitions: config.PARTITIONS,
    maxUnflushedBytes: config.MAX_UNFLUSHED_BYTES,
    giveUpAfterMs,
    atOnce: commitsAtOnce,
    slowAfterMs: slowCommitMs,
    newMessageId: randomUUID,
    sleep: Bun.sleep,
    now: Date.now,
    publish: async (partition, envelope, msgID) => {
      await js.publish(`readings.${partition}`, envelope, { msgID, timeout: commitTimeoutMs, expect: { streamName: "READINGS" } });
    },
    onFailedAttempt: (partition, err) => {
      meter.commitFailures.inc();
      log.warn({ partition, err }, "commit not confirmed, trying again");
    },
    onCommitted: (envelope) => meter.committed(envelope),
  });
  const receive = makeReceive({ clock, committer, safety: { ...safety, isSafe: () => safety.isSafe() && !disk.isFull() } });
  const socketDoor = makeSocketDoor({ devices, receive, committer: pressedBy(committer, disk), meter });
  const natsDoor = openNatsDoor({ nats, devices, receive, meter });
  const tcp = config.MQTT_TCP_PORT === undefined ? null : { port: config.MQTT_TCP_PORT, hostname: config.HOST };
  const mqttDoor = await openMqttDoor({ devices, receive, meter, tcp });

  let isStopping = false;
  const notReady = () => [
    ...(isStopping ? ["stopping"] : []),
    ...(isConnected() ? [] : ["nats"]),
    ...(sessionMirror.isFresh() ? [] : ["sessions"]),
    ...(deviceMirror.isFresh() ? [] : ["devices"]),
    ...(safety.isSafe() ? [] : ["durability"]),
    ...(disk.isFull() ? ["disk full"] : []),
  ];
  const limits = makeLimits();
  const channels = makeChannels();
  const gather = makeGather(config, () => ({
    reasons: notReady(),
    mirrors: [
      { owner: "auth", fresh: sessionMirror.isFresh() },
      { owner: "ingest", fresh: deviceMirror.isFresh() },
    ],
  }));

  const app = makeApp({
    log,
    metrics,
    onRefusal: (code) => meter.refusals.inc({ code }),
    routing: makeRouting(endpoints),
    sessions,
    limits,
    isTrustedProxy: trustedProxies(config.TRUSTED_PROXIES),
    forward: makeForward({ upstreams: config.upstreams, sessions, channels, log }),
    staticFiles: await loadStaticFiles(config.UI_DIR),
    docs: makeDocsRoute(endpoints, version),
    socketDoor,
    mqttDoor,
    ownRoutes: [bind(postReadings, makeHttpDoor({ devices, receive, meter })), bind(getOps, makeOpsRoute({ sessions, limits, gather }))],
    testClock:
      config.TEST_CLOCK === "on" && config.MODE !== "production" ? { answer: makeTestClockRoute(nats, clock), now: clock.now } : null,
  });
  const server = Bun.serve<DoorSocket>({
    port: config.PORT,
    hostname: config.HOST,
    idleTimeout: 120,
    // Bodies are counted by route; the server's own limit would answer without a problem document.
    maxRequestBodySize: 1024 ** 3,
    routes: pathRoutes(app),
    fetch: (request, self) => app(request, self, rootSegments(request)),
    websocket: webSockets(socketDoor.handler, mqttDoor.handler),
    error: () => new Response(null, { status: 500 }),
  });

  metrics.watchReady(notReady);
  const installation = { name: "installation", everyMs: 30_000, take: async () => meter.installation(await gather()) };
  const sampling = startSample(installation, log);
  meter.watch({
    sockets: () => socketDoor.count() + mqttDoor.count(),
    unflushedBytes: () => committer.unflushedBytes(),
    isDurable: () => safety.isSafe(),
  });
  const ops = startOps(config, notReady, metrics);
  log.info({ port: server.port }, "ready");

  return {
    url: `http://${config.HOST}:${server.port}`,
    opsUrl: `http://${config.HOST}:${ops.port}`,
    async stop() {
      if (isStopping) return;
      isStopping = true;
      socketDoor.pause();
      const answered = server.stop();
      await Promise.race([Promise.all([natsDoor.drain(), mqttDoor.drain()]), Bun.sleep(3_000)]);
      await Promise.race([committer.flush(), Bun.sleep(giveUpAfterMs)]);
      socketDoor.closeAll();
      await Promise.race([mqttDoor.closeAll(), Bun.sleep(3_000)]);
      sessions.close();
      channels.close();
      await Promise.race([answered, Bun.sleep(3_000)]);
      await server.stop(true);
      for (const part of [sessionMirror, deviceMirror, safety]) part.close();
      disk.stop();
      await sampling.stop();
      unfollow();
      await Promise.race([nats.drain().catch(() => {}), Bun.sleep(3_000)]);
      await ops.stop(true);
      await stopTracing();
    },
  };
}

/** The committer as devices see it: a disk without room presses as a full buffer does. */
function pressedBy(committer: Committer, disk: DiskWatch): Committer {
  return {
    ...committer,
    isUnderPressure: () => committer.isUnderPressure() || disk.isFull(),
    onPressure(listener) {
      committer.onPressure((isPressed) => listener(isPressed || disk.isFull()));
      disk.onChange((isFull) => listener(isFull || committer.isUnderPressure()));
    },
  };
}

/**
 * Bun resolves dot segments (also `%2e`) before a handler sees the URL; only the parameters of a matched route tell the path as it was sent.
 * So there is one route per depth, and the parameters are the segments.
 */
function pathRoutes(app: App) {
  const names = Array.from({ length: deepestPath }, (_, index) => `p${index}`);
  const handle = (request: Bun.BunRequest<string>, server: Bun.Server<DoorSocket>) => {
    const given = request.params as Record<string, string>;
    return app(
      request,
      server,
      names.flatMap((name) => (given[name] === undefined ? [] : [given[name]])),
    );
  };
  const paths = names.map(
    (_, depth) =>
      `/${names
        .slice(0, depth + 1)
        .map((name) => `:${name}`)
        .join("/")}`,
  );
  return Object.fromEntries(
    paths.flatMap((path) => [
      [path, handle],
      [`${path}/`, handle],
    ]),
  );
}

/** What no route matched is the start page, or a path that is too deep or has empty segments. */
function rootSegments(request: Request): readonly string[] | null {
  const segments = segmentsOf(new URL(request.url).pathname);
  return segments?.length === 0 ? segments : null;
}

function startOps(config: GatewayConfig, notReady: () => readonly string[], metrics: Metrics) {
  return Bun.serve({
    port: config.OPS_PORT,
    hostname: config.HOST,
    routes: {
      "/healthz": () => Response.json({ status: "ok" }),
      "/readyz": () => {
        const reasons = notReady();
        return Response.json({ ready: reasons.length === 0, reasons }, { status: reasons.length === 0 ? 200 : 503 });
      },
      "/metrics": async () => new Response(await metrics.registry.metrics(), { headers: { "content-type": metrics.registry.contentType } }),
    },
    fetch: () => new Response(null, { status: 404 }),
  });
}
