import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { DeviceEntry } from "@episante/contracts/device";
import { newId } from "@episante/service/ids";
import { silentLog } from "@episante/service/log";
import { connectNats, type NatsConnection } from "@episante/service/nats";
import { ensureStreams, natsPermissions } from "@episante/service/streams";
import { type NatsServer, startNats } from "@episante/testkit/servers";
import { waitFor } from "@episante/testkit/wait-for";
import { createAccount } from "@nats-io/nkeys";
import { connect } from "@nats-io/transport-node";
import type { DeviceBucket } from "./deps.ts";
import { openDeviceBucket } from "./device-bucket.ts";
import { openDeviceLogin, sessionsPassword } from "./device-login.ts";
import { type OpenDeviceSessions, openDeviceSessions } from "./device-sessions.ts";
import { sessionsUser } from "./domain/device-login.ts";
import { secrets } from "./secrets.ts";

let server: NatsServer;
let ingest: NatsConnection;
let gateway: NatsConnection;
let bucket: DeviceBucket;
let sessions: OpenDeviceSessions;
const device = newDevice();
const other = newDevice();

function newDevice() {
  const deviceId = newId("dev", Date.now());
  const token = secrets.newToken(deviceId);
  const entry: DeviceEntry = {
    deviceId,
    patientId: newId("pat", 1),
    clinicId: newId("cli", 1),
    kind: "wearable",
    tokenHash: secrets.hash(token),
  };
  return { deviceId, token, entry };
}

/** The product's users and callout, as the launcher configures them. */
beforeAll(async () => {
  const account = createAccount();
  const users = (["ingest", "gateway"] as const).map((user) => {
    const { publish, subscribe } = natsPermissions(user);
    return {
      user,
      password: user,
      permissions: { publish: { allow: publish }, subscribe: { allow: subscribe } },
    };
  });
  const authorization = {
    timeout: 10,
    users: [{ user: "admin", password: "admin" }, ...users],
    auth_callout: { issuer: account.getPublicKey(), auth_users: ["admin", "ingest", "gateway"] },
  };
  server = await startNats(`authorization ${JSON.stringify(authorization)}`);
  const as = (name: string) => connectNats({ url: server.url, user: name, password: name, name });
  const admin = await as("admin");
  await ensureStreams(admin);
  await admin.close();
  [ingest, gateway] = [await as("ingest"), await as("gateway")];
  bucket = await openDeviceBucket(ingest);
  await bucket.put(device.entry);
  await bucket.put(other.entry);
  const seed = new TextDecoder().decode(account.getSeed());
  openDeviceLogin({ nats: ingest, bucket, secrets, log: silentLog }, seed);
  sessions = openDeviceSessions({ url: server.url, password: sessionsPassword(seed), bucket, log: silentLog });
  gateway.subscribe("dev.*.readings", { callback: (_, message) => void message.respond(`heard ${message.subject}`) });
  await gateway.flush();
});
afterAll(async () => {
  await sessions.close();
  await ingest.close();
  await gateway.close();
  await server.stop();
});

const logIn = (user: string, pass: string, prefix = `_INBOX.${user}`) =>
  connect({ servers: server.url, user, pass, inboxPrefix: prefix, reconnect: false, timeout: 5_000 });

describe("a device's NATS login", () => {
  test("with its id and token it sends to its own subject and hears the reply", async () => {
    const connection = await logIn(device.deviceId, device.token);
    const reply = await connection.request(`dev.${device.deviceId}.readings`, "{}", { timeout: 5_000 });
    expect(reply.string()).toBe(`heard dev.${device.deviceId}.readings`);
    await connection.close();
  });
  test("it cannot speak for another device, listen to others, or reach the streams", async () => {
    const connection = await logIn(device.deviceId, device.token);
    const faults: string[] = [];
    void (async () => {
      for await (const status of connection.status()) if ("error" in status) faults.push(String(status.error.message));
    })();
    const refusedPublish = [
      `dev.${other.deviceId}.readings`,
      `dev.${other.deviceId}.>`,
      `dev.${device.deviceId}.other`,
      `_INBOX.${other.deviceId}.1`,
      "readings.0",
      "events.clinic.changed.v1",
      "$JS.API.STREAM.INFO.READINGS",
      "$JS.API.CONSUMER.CREATE.READINGS",
      "$SYS.REQ.USER.AUTH",
      "$KV.devices.x",
    ];
    for (const subject of refusedPublish) connection.publish(subject, "{}");
    const refusedSubscribe = [
      ">",
      `_INBOX.${other.deviceId}.>`,
      "_INBOX.>",
      "dev.*.readings",
      `dev.${device.deviceId}.readings`,
      "readings.>",
      "$JS.>",
      "$SYS.>",
    ];
    for (const subject of refusedSubscribe) connection.subscribe(subject, { callback: () => {} });
    await connection.flush();
    await waitFor(() => faults.length >= refusedPublish.length + refusedSubscribe.length, { what: `refusals, saw ${faults.length}` });
    expect(faults.every((fault) => /permissions violation/i.test(fault))).toBe(true);
    await connection.close();
  });
  test("a wrong token, another device's token, no password, an unknown or malformed id are refused", async () => {
    const stranger = newDevice();
    const wrong: [string, string][] = [
      [device.deviceId, `${device.deviceId}.${"A".repeat(43)}`],
      [device.deviceId, other.token],
      [device.deviceId, ""],
      [stranger.deviceId, stranger.token],
      ["dev_*", "dev_*.x"],
      ["nobody", "x"],
    ];
    for (const [user, pass] of wrong) await expect(logIn(user, pass, "_INBOX.x")).rejects.toThrow(/authorization/i);
  });
  test("a revoked device is refused at once, a rotated one only with its old token", async () => {
    const one = newDevice();
    await bucket.put(one.entry);
    await (await logIn(one.deviceId, one.token)).close();
    const token = secrets.newToken(one.deviceId);
    await bucket.put({ ...one.entry, tokenHash: secrets.hash(token) });
    await expect(logIn(one.deviceId, one.token)).rejects.toThrow(/authorization/i);
    await (await logIn(one.deviceId, token)).close();
    await bucket.remove(one.deviceId);
    await expect(logIn(one.deviceId, token)).rejects.toThrow(/authorization/i);
  });
  test("a replaced or revoked token ends the sessions it opened, at once; others and new ones go on", async () => {
    const one = newDevice();
    await bucket.put(one.entry);
    const bystander = await logIn(device.deviceId, device.token);
    const old = [await logIn(one.deviceId, one.token), await logIn(one.deviceId, one.token)];
    expect(await sessions.sweep()).toBe(0);
    const token = secrets.newToken(one.deviceId);
    await bucket.put({ ...one.entry, tokenHash: secrets.hash(token) });
    sessions.endOf(one.deviceId);
    await waitFor(() => old.every((connection) => connection.isClosed()), { timeoutMs: 5_000, what: "the old sessions' end" });
    const renewed = await logIn(one.deviceId, token);
    expect(await sessions.sweep(one.deviceId)).toBe(0);
    await bucket.remove(one.deviceId);
    expect(await sessions.sweep()).toBe(1);
    await waitFor(() => renewed.isClosed(), { timeoutMs: 5_000, what: "the revoked session's end" });
    expect((await bystander.request(`dev.${device.deviceId}.readings`, "{}", { timeout: 5_000 })).string()).toStartWith("heard");
    await bystander.close();
  });
  test("the login that ends sessions needs its own password and may do nothing else", async () => {
    for (const password of ["", "x", device.token]) await expect(logIn(sessionsUser, password)).rejects.toThrow(/authorization/i);
  });
  test("a hundred devices log in at once", async () => {
    const devices = Array.from({ length: 100 }, newDevice);
    await Promise.all(devices.map(({ entry }) => bucket.put(entry)));
    const connections = await Promise.all(devices.map(({ deviceId, token }) => logIn(deviceId, token)));
    expect(connections).toHaveLength(100);
    await Promise.all(connections.map((connection) => connection.close()));
  });
});
