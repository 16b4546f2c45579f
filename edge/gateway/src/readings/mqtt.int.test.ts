import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { connect as connectTcp } from "node:net";
import { freePort } from "@episante/testkit/servers";
import { waitFor } from "@episante/testkit/wait-for";
import mqtt, { MqttClient } from "mqtt";
import { type Fixture, makeFixture, type PairedDevice, reading } from "../../test/fixture.ts";
import type { Gateway } from "../gateway.ts";

let fixture: Fixture;
let gateway: Gateway;
let tcpPort: number;
const clients: MqttClient[] = [];
beforeAll(async () => {
  fixture = await makeFixture();
  tcpPort = await freePort();
  gateway = await fixture.start({ MQTT_TCP_PORT: String(tcpPort) });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true);
});
afterAll(() => fixture.close());

const overWebSocket = (at = gateway) => `${at.url.replace("http", "ws")}/mqtt`;
const overTcp = () => `mqtt://127.0.0.1:${tcpPort}`;
const topicOf = ({ entry }: PairedDevice) => `dev/${entry.deviceId}/readings`;
const batch = (seq: number, readings: unknown[] = [reading()]) => JSON.stringify({ boot: "m", seq, readings });

/** A device's MQTT client; unless told, it does not come back by itself. */
function clientOf(device: PairedDevice, more: mqtt.IClientOptions = {}, url = overWebSocket()) {
  const login = { username: device.entry.deviceId, password: device.token };
  const options: mqtt.IClientOptions = {
    protocolVersion: 4,
    reconnectPeriod: 0,
    keepalive: 10,
    forceNativeWebSocket: true,
    ...login,
    ...more,
  };
  // The package fixes with its first connection which carriers a process has: TCP is given to it by hand.
  const client = url === overTcp() ? new MqttClient(() => connectTcp(tcpPort, "127.0.0.1"), options) : mqtt.connect(url, options);
  clients.push(client);
  const seen = { returnCode: null as number | null, isClosed: false };
  client.on("packetreceive", (packet) => {
    if (packet.cmd === "connack") seen.returnCode = packet.returnCode ?? null;
  });
  client.on("error", () => {});
  client.on("close", () => {
    seen.isClosed = true;
  });
  return { client, seen };
}

async function connected(device: PairedDevice, more?: mqtt.IClientOptions, url?: string) {
  const opened = clientOf(device, more, url);
  await waitFor(() => opened.client.connected, { what: "CONNACK" });
  return opened;
}

/** Publishes; whether PUBACK came, or the connection ended without one. */
async function publish(
  { client, seen }: ReturnType<typeof clientOf>,
  topic: string,
  payload: string | Buffer,
  more: mqtt.IClientPublishOptions = {},
) {
  let isAcknowledged = false;
  client.publish(topic, payload, { qos: 1, ...more }, (error) => {
    isAcknowledged = !error;
  });
  await waitFor(() => isAcknowledged || seen.isClosed, { what: "PUBACK or end" });
  return isAcknowledged ? "acknowledged" : "ended";
}

async function stored({ entry }: PairedDevice) {
  return (await fixture.envelopes()).flatMap((envelope) => envelope.frames).filter((frame) => frame.deviceId === entry.deviceId);
}

/** Counters of this door, by code where refused. */
async function counted(): Promise<Record<string, number>> {
  const text = await (await fetch(`${gateway.opsUrl}/metrics`)).text();
  const found = [...text.matchAll(/^gateway_batches_(?:committed|refused)_total\{door="mqtt"(?:,code="([^"]+)")?[^}]*\} (\d+)$/gm)];
  return Object.fromEntries(found.map(([, code, count]) => [code ?? "committed", Number(count)]));
}

test("a batch over WebSocket or TCP is acknowledged when it is on the stream, patient and clinic from the registry", async () => {
  for (const url of [overWebSocket(), overTcp()]) {
    const device = await fixture.pair();
    const opened = await connected(device, {}, url);
    expect(await publish(opened, topicOf(device), batch(7))).toBe("acknowledged");
    const [frame] = await stored(device);
    expect(frame).toMatchObject({ patientId: device.entry.patientId, clinicId: device.entry.clinicId, boot: "m", seq: 7 });
    expect(frame?.readings[0]?.slice(0, 3)).toEqual(["59408-5", "spo2", 97]);
  }
});

test("many batches at once are all acknowledged, in their order and once each", async () => {
  const device = await fixture.pair();
  const { client } = await connected(device);
  const acknowledged: number[] = [];
  client.on("packetreceive", (packet) => {
    if (packet.cmd === "puback") acknowledged.push(packet.messageId ?? 0);
  });
  const sent: number[] = [];
  client.on("packetsend", (packet) => {
    if (packet.cmd === "publish") sent.push(packet.messageId ?? 0);
  });
  const numbers = Array.from({ length: 200 }, (_, seq) => seq);
  // Every third is refused for good, which is known at once: its acknowledgement waits for those before it.
  await Promise.all(numbers.map((seq) => client.publishAsync(topicOf(device), seq % 3 === 0 ? "{" : batch(seq), { qos: 1 })));
  expect(acknowledged).toEqual(sent);
  expect((await stored(device)).map(({ seq }) => seq)).toEqual(numbers.filter((seq) => seq % 3 !== 0));
});

test("what is refused for good is acknowledged, so that it is not sent again, and counted by its code; bad readings are left out alone", async () => {
  const device = await fixture.pair();
  const opened = await connected(device);
  const before = await counted();
  const refused: [string, string][] = [
    ["{broken", "malformed-json"],
    [batch(1, []), "empty-batch"],
    [JSON.stringify({ boot: "m", seq: 2, readings: [reading()], patientId: "pat_1" }), "unknown-field"],
    [JSON.stringify({ boot: "m", seq: 3, readings: [reading()], pad: "x".repeat(300_000) }), "body-too-large"],
    ["[".repeat(10_000), "too-deep"],
  ];
  for (const [payload] of refused) expect(await publish(opened, topicOf(device), payload)).toBe("acknowledged");
  expect(await publish(opened, topicOf(device), batch(4, [{ ...reading(), unit: "kg" }, reading(95)]))).toBe("acknowledged");
  const after = await counted();
  for (const [, code] of refused) expect([code, (after[code] ?? 0) - (before[code] ?? 0)]).toEqual([code, 1]);
  expect((await stored(device)).map(({ seq, readings }) => [seq, readings.length])).toEqual([[4, 1]]);
});

test("a device that is cut off before PUBACK sends again, also with DUP, and is acknowledged; the batch over HTTP is the same batch", async () => {
  const device = await fixture.pair();
  let sent = 0;
  const { client } = await connected(device, { reconnectPeriod: 50 });
  client.on("packetsend", (packet) => {
    if (packet.cmd !== "publish") return;
    sent += 1;
    // Cut where the batch may have arrived and its PUBACK has not.
    if (sent === 1) setImmediate(() => client.stream.destroy());
  });
  await client.publishAsync(topicOf(device), batch(1), { qos: 1 });
  expect(sent).toBe(2);
  await client.publishAsync(topicOf(device), batch(1), { qos: 1, dup: true });
  const over = await fetch(`${gateway.url}/api/devices/readings`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${device.token}` },
    body: batch(1),
  });
  expect(await over.json()).toEqual({ acked: 1, refused: [] });
  // However often it stands on the stream, it has one name there: the readers count it once.
  expect(new Set((await stored(device)).map(({ boot, seq }) => `${boot}/${seq}`)).size).toBe(1);
});

test("while the broker cannot take readings no PUBACK is given, and the batch waits until it can", async () => {
  const lax = { isSafe: false };
  const monitor = Bun.serve({ port: 0, fetch: () => Response.json({ config: { sync_always: lax.isSafe } }) });
  const slow = await fixture.start({ NATS_MONITOR_URL: `http://127.0.0.1:${monitor.port}` });
  const device = await fixture.pair();
  const opened = await connected(device, {}, overWebSocket(slow));
  let isAcknowledged = false;
  const answered = opened.client.publishAsync(topicOf(device), batch(1), { qos: 1 }).then(() => {
    isAcknowledged = true;
  });
  await Bun.sleep(1_500);
  expect([isAcknowledged, opened.seen.isClosed, await stored(device)]).toEqual([false, false, []]);
  lax.isSafe = true;
  await answered;
  expect(await stored(device)).toHaveLength(1);
  await slow.stop();
  await monitor.stop(true);
}, 30_000);

test("a stopping gateway answers what it took and sends its devices away", async () => {
  const going = await fixture.start();
  const device = await fixture.pair();
  const opened = await connected(device, {}, overWebSocket(going));
  const acknowledged: number[] = [];
  for (let seq = 0; seq < 50; seq++) {
    opened.client.publish(topicOf(device), batch(seq), { qos: 1 }, (error) => {
      if (!error) acknowledged.push(seq);
    });
  }
  await waitFor(() => acknowledged.length > 0, { what: "first PUBACK" });
  await going.stop();
  await waitFor(() => opened.seen.isClosed, { what: "end" });
  const kept = new Set((await stored(device)).map(({ seq }) => seq));
  expect(acknowledged.filter((seq) => !kept.has(seq))).toEqual([]);
});

test("another device's topic, wildcards, reserved topics, spaces and other QoS end the connection; nothing is stored", async () => {
  const [device, other] = [await fixture.pair(), await fixture.pair()];
  const own = topicOf(device);
  const wrong: [string, 0 | 1 | 2][] = [
    [topicOf(other), 1],
    [`dev/${device.entry.deviceId}/status`, 1],
    ["dev/*/readings", 1],
    ["dev/>/readings", 1],
    ["$SYS/readings", 1],
    [`$share/x/${own}`, 1],
    [`${own} `, 1],
    [own, 0],
    [own, 2],
  ];
  for (const [topic, qos] of wrong) {
    const { client, seen } = await connected(device);
    client.publish(topic, batch(1), { qos });
    await waitFor(() => seen.isClosed, { what: `the end after ${topic}` });
  }
  expect([await stored(device), await stored(other)]).toEqual([[], []]);
});

test("a wrong password, another device's name, no password and MQTT 5 are refused with their return code", async () => {
  const [device, other] = [await fixture.pair(), await fixture.pair()];
  const cases: [mqtt.IClientOptions, number][] = [
    [{ password: `${device.entry.deviceId}.${"A".repeat(43)}` }, 4],
    [{ password: "x" }, 4],
    [{ username: other.entry.deviceId }, 4],
    [{ username: "nobody" }, 4],
    [{ password: "" }, 4],
  ];
  for (const [more, returnCode] of cases) {
    const { client, seen } = clientOf(device, more);
    await waitFor(() => seen.isClosed, { what: "the end" });
    expect([seen.returnCode, client.connected]).toEqual([returnCode, false]);
  }
  const five = clientOf(device, { protocolVersion: 5 });
  await waitFor(() => five.seen.isClosed, { what: "the end" });
  expect(five.client.connected).toBe(false);
});

test("a subscription is refused, and neither wills nor retained messages nor sessions are kept", async () => {
  const device = await fixture.pair();
  const will = { topic: topicOf(device), payload: batch(66), qos: 1 as const, retain: true };
  const opened = await connected(device, { will, clean: false, clientId: "one" });
  const [granted] = await opened.client.subscribeAsync([topicOf(device), "#"], { qos: 1 }).catch((error) => [error]);
  expect(granted).toMatchObject({ message: expect.stringContaining("Unspecified error") });
  let heard = 0;
  opened.client.on("message", () => {
    heard += 1;
  });
  expect(await publish(opened, topicOf(device), batch(1), { retain: true })).toBe("acknowledged");
  opened.client.stream.destroy();
  await waitFor(() => opened.seen.isClosed, { what: "the end" });
  const again = clientOf(device, { clean: false, clientId: "one" });
  let isPresent: boolean | undefined;
  again.client.on("connect", ({ sessionPresent }) => {
    isPresent = sessionPresent;
  });
  await waitFor(() => again.client.connected, { what: "CONNACK" });
  expect([isPresent, heard]).toEqual([false, 0]);
  expect((await stored(device)).map(({ seq }) => seq)).toEqual([1]);
});

test("a client id of somebody else's ends nobody's connection; a second connection of the same device ends the first", async () => {
  const [device, other] = [await fixture.pair(), await fixture.pair()];
  const first = await connected(device, { clientId: device.entry.deviceId });
  const foreign = await connected(other, { clientId: device.entry.deviceId });
  expect(await publish(first, topicOf(device), batch(1))).toBe("acknowledged");
  expect(await publish(foreign, topicOf(other), batch(1))).toBe("acknowledged");
  const bad = clientOf(device, { clientId: device.entry.deviceId, password: "x" });
  await waitFor(() => bad.seen.isClosed, { what: "the refusal" });
  expect(await publish(first, topicOf(device), batch(2))).toBe("acknowledged");
  const second = await connected(device);
  await waitFor(() => first.seen.isClosed, { what: "the first to end" });
  expect(await publish(second, topicOf(device), batch(3))).toBe("acknowledged");
});

test("a revoked device's connection is closed within 5 s and its token refused", async () => {
  const device = await fixture.pair();
  const opened = await connected(device);
  await fixture.revoke(device);
  await waitFor(() => opened.seen.isClosed, { timeoutMs: 5_000, what: "the end" });
  const again = clientOf(device);
  await waitFor(() => again.seen.isClosed, { what: "the refusal" });
  expect(again.seen.returnCode).toBe(4);
});

test("a packet that is far too long, garbage and a publish without a login end the connection, and the gateway serves on", async () => {
  const device = await fixture.pair();
  const opened = await connected(device);
  expect(await publish(opened, topicOf(device), Buffer.alloc(2_000_000, 120))).toBe("ended");
  const cases = [
    Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0xff]),
    Buffer.from([0xf0, 0x00]),
    Buffer.from([0x32, 0x07, 0x00, 0x01, 0x61, 0x00, 0x01, 0x7b, 0x7d]),
    Buffer.concat([Buffer.from([0x10, 0xff, 0xff, 0x03]), Buffer.alloc(65_535)]),
  ];
  for (const bytes of cases) {
    const raw = connectTcp(tcpPort, "127.0.0.1");
    raw.on("error", () => {});
    let isClosed = false;
    raw.on("close", () => {
      isClosed = true;
    });
    raw.on("data", () => {});
    raw.write(bytes);
    await waitFor(() => isClosed, { timeoutMs: 5_000, what: `the end after ${bytes.toString("hex", 0, 8)}` });
  }
  const plain = await fetch(`${gateway.url}/mqtt`);
  expect([plain.status, ((await plain.json()) as { code: string }).code]).toEqual([422, "invalid-input"]);
  const text = new WebSocket(overWebSocket(), ["mqtt"]);
  let code = 0;
  text.onopen = () => text.send("hello");
  text.onclose = (event) => {
    code = event.code;
  };
  await waitFor(() => code !== 0, { what: "the end" });
  expect(code).toBe(1008);
  expect(await publish(await connected(device), topicOf(device), batch(1))).toBe("acknowledged");
});
