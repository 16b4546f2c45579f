import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeviceEntry } from "@episante/contracts/device";
import { type Envelope, envelopeSchema } from "@episante/contracts/envelope";
import { type SessionEntry, sessionCookie, type UserActor } from "@episante/contracts/session";
import { newId } from "@episante/service/ids";
import { silentLog } from "@episante/service/log";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { freePort, temporaryFolder } from "@episante/testkit/servers";
import { testKeys } from "@episante/testkit/service";
import { jetstreamManager } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { readConfig } from "../src/config.ts";
import { type Gateway, startGateway } from "../src/gateway.ts";

export interface PairedDevice {
  readonly token: string;
  readonly entry: DeviceEntry;
}

/** A broker with what a gateway needs, and helpers that play auth and ingest. */
export interface Fixture {
  readonly broker: TestBroker;
  readonly jwks: string;
  /** Environment of a gateway process on a port of its own. */
  env(more?: Record<string, string>): Promise<Record<string, string>>;
  start(more?: Record<string, string>): Promise<Gateway>;
  /** What the started gateways warned of, oldest first. */
  readonly warned: readonly string[];
  pair(kind?: DeviceEntry["kind"]): Promise<PairedDevice>;
  revoke(device: PairedDevice): Promise<void>;
  signIn(actor: UserActor, more?: Partial<Omit<SessionEntry, "actor">>): Promise<{ cookie: string; hash: string }>;
  rewrite(hash: string, entry: SessionEntry): Promise<unknown>;
  signOut(hash: string): Promise<void>;
  /** Every envelope of stream READINGS, oldest first. */
  envelopes(): Promise<Envelope[]>;
  close(): Promise<void>;
}

/** Starts the broker, or takes one with a user for the gateway. */
export async function makeFixture(given?: { broker: TestBroker; user: string; password: string }): Promise<Fixture> {
  const broker = given?.broker ?? (await testBroker());
  const login = given ?? { user: broker.server.user, password: broker.server.password };
  const { jwks, privateKeys } = await testKeys(["gateway"]);
  const folder = temporaryFolder("gateway");
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const kv = new Kvm(broker.nats);
  const [sessions, devices]: [KV, KV] = [await kv.open("sessions"), await kv.open("devices")];
  const running: Gateway[] = [];
  const env = async (more: Record<string, string> = {}) => ({
    PORT: String(await freePort()),
    OPS_PORT: String(await freePort()),
    NATS_URL: broker.url,
    NATS_USER: login.user,
    NATS_PASSWORD_FILE: file("nats-password", login.password),
    NATS_MONITOR_URL: broker.server.monitorUrl,
    SIGNING_KEY_FILE: file("signing-key", privateKeys.gateway ?? ""),
    JWKS: jwks,
    MODE: "test",
    LOG_LEVEL: "error",
    ...more,
  });
  const warned: string[] = [];
  return {
    broker,
    jwks,
    warned,
    env,
    async start(more) {
      const gateway = await startGateway(readConfig(await env(more)), { ...silentLog, warn: (_, text) => void warned.push(text) });
      running.push(gateway);
      return gateway;
    },
    async pair(kind = "wearable") {
      const deviceId = newId("dev", Date.now());
      const token = `${deviceId}.${randomBytes(32).toString("base64url")}`;
      const entry: DeviceEntry = {
        deviceId,
        patientId: newId("pat", Date.now()),
        clinicId: newId("cli", Date.now()),
        kind,
        tokenHash: createHash("sha256").update(token).digest("hex"),
      };
      await devices.put(deviceId, JSON.stringify(entry));
      return { token, entry };
    },
    revoke: ({ entry }) => devices.delete(entry.deviceId),
    async signIn(actor, more = {}) {
      const secret = randomBytes(32).toString("base64url");
      const hash = createHash("sha256").update(secret).digest("hex");
      const entry: SessionEntry = {
        actor: { ...actor, sessionHash: hash },
        expiresAtMs: Date.now() + 3_600_000,
        idleSeconds: 900,
        ...more,
      };
      await sessions.put(hash, JSON.stringify(entry));
      return { cookie: `${sessionCookie}=${secret}`, hash };
    },
    rewrite: (hash, entry) => sessions.put(hash, JSON.stringify(entry)),
    signOut: (hash) => sessions.delete(hash),
    async envelopes() {
      const manager = await jetstreamManager(broker.nats);
      const { state } = await manager.streams.info("READINGS");
      const found: Envelope[] = [];
      for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
        const message = await manager.streams.getMessage("READINGS", { seq });
        if (message) found.push(envelopeSchema.parse(message.json()));
      }
      return found;
    },
    async close() {
      await Promise.all(running.map((gateway) => gateway.stop()));
      await broker.close();
    },
  };
}

/** One good reading. @param at device time */
export function reading(value = 97, at = new Date()) {
  return { code: "59408-5", value, unit: "%", at: at.toISOString() };
}
