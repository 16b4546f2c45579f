import { type TestClockState, testClockBucket, testClockKey, testClockStateSchema } from "@episante/contracts/system";
import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { SettableClock } from "./clock.ts";
import type { Log } from "./log.ts";

export type { JetStreamClient, NatsConnection };

/** Inbox prefix of a process: its permissions allow no other. */
export const inboxPrefixOf = (name: string) => `_INBOX_${name}`;

/** Connects for good: waits for the server at start and reconnects for ever. */
export function connectNats(options: { url: string; user: string; password: string; name: string }): Promise<NatsConnection> {
  return connect({
    servers: options.url,
    user: options.user,
    pass: options.password,
    name: options.name,
    inboxPrefix: inboxPrefixOf(options.user),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    waitOnFirstConnect: true,
    pingInterval: 5_000,
    maxPingOut: 2,
    // Else each request keeps where it was asked from: a twentieth of the gateway's time, for a stack that no log shows.
    noAsyncTraces: true,
  });
}

/** JetStream client with a request timeout that outlives a broker restart. */
export function jetStreamOf(nats: NatsConnection): JetStreamClient {
  return jetstream(nats, { timeout: 5_000 });
}

/** JetStream client for opening consumers: short, because a question that a dying broker swallowed is only known by its silence. */
export function askingJetStreamOf(nats: NatsConnection): JetStreamClient {
  return jetstream(nats, { timeout: 1_500 });
}

const reconnectListeners = new WeakMap<NatsConnection, Set<() => void>>();

/**
 * Ends a consumer's messages once the broker is back after it was lost, so that its loop opens a new one where its own record stands.
 * The client would ask once for its consumer and, when the broker is not up to answering yet, wait 30 s before it asks again.
 * @returns forgets the messages
 */
export function endOnReconnect(nats: NatsConnection, messages: { stop(): void }): () => void {
  const listeners = reconnectListeners.get(nats) ?? watchReconnects(nats);
  const end = () => messages.stop();
  listeners.add(end);
  return () => listeners.delete(end);
}

function watchReconnects(nats: NatsConnection): Set<() => void> {
  const listeners = new Set<() => void>();
  reconnectListeners.set(nats, listeners);
  void (async () => {
    for await (const { type } of nats.status()) if (type === "reconnect") for (const listener of listeners) listener();
  })();
  return listeners;
}

/** Watches a connection, and logs when it is lost and back. The returned function tells whether the server is reachable now. */
export function watchConnection(nats: NatsConnection, log: Log): () => boolean {
  let isUp = true;
  let lostAtMs = 0;
  void (async () => {
    for await (const status of nats.status()) {
      if (status.type === "disconnect" && isUp) {
        isUp = false;
        lostAtMs = performance.now();
        log.warn({}, "broker connection lost");
      }
      if (status.type === "reconnect") {
        isUp = true;
        log.info({ ms: Math.round(performance.now() - lostAtMs) }, "broker connection back");
      }
    }
  })();
  return () => isUp && !nats.isClosed();
}

/** Makes a clock follow the installation's test clock (KV bucket `clock`). Returns when the current state is applied. */
export async function followTestClock(nats: NatsConnection, clock: SettableClock): Promise<() => void> {
  const bucket = await new Kvm(nats).open(testClockBucket);
  const current = await bucket.get(testClockKey);
  if (current && current.operation === "PUT") clock.set(testClockStateSchema.parse(current.json()));
  const watch = await bucket.watch({ key: testClockKey });
  void (async () => {
    for await (const entry of watch) {
      if (entry.operation === "PUT") clock.set(testClockStateSchema.parse(entry.json()));
    }
  })();
  return () => watch.stop();
}

/** Writes the test clock's state for every process. */
export async function writeTestClock(nats: NatsConnection, state: TestClockState): Promise<void> {
  const bucket = await new Kvm(nats).open(testClockBucket);
  await bucket.put(testClockKey, JSON.stringify(state));
}
