import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ServerFrame } from "@episante/contracts/reading";
import { waitFor } from "@episante/testkit/wait-for";
import mqtt from "mqtt";
import { type Fixture, makeFixture, type PairedDevice, reading } from "../../test/fixture.ts";
import type { Gateway } from "../gateway.ts";
import { type Door, doors } from "./receive.ts";

interface Verdict {
  code?: string;
  refused?: unknown;
}

let fixture: Fixture;
let gateway: Gateway;
beforeAll(async () => {
  fixture = await makeFixture();
  gateway = await fixture.start();
});
afterAll(() => fixture.close());

function post(token: string | null, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway.url}/api/devices/readings`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** A raw device socket that collects what it hears. */
async function openSocket(token: string, viaSubprotocol = false) {
  const heard: ServerFrame[] = [];
  const url = `${gateway.url.replace("http", "ws")}/api/devices/stream`;
  const socket = viaSubprotocol
    ? new WebSocket(url, [`bearer.${token}`])
    : new WebSocket(url, { headers: { authorization: `Bearer ${token}` } } as unknown as string[]);
  let closeCode: number | null = null;
  socket.onmessage = (event) => heard.push(JSON.parse(String(event.data)));
  socket.onclose = (event) => {
    closeCode = event.code;
  };
  await waitFor(() => heard.length > 0 || closeCode !== null, { what: "first frame" });
  return { socket, heard, closeCode: () => closeCode };
}

async function stored(deviceId: string) {
  return (await fixture.envelopes()).flatMap((envelope) => envelope.frames).filter((frame) => frame.deviceId === deviceId);
}

test("a batch over HTTP is answered 202 with its place on the stream taken, patient and clinic from the registry", async () => {
  const device = await fixture.pair();
  const answer = await post(device.token, { boot: "b1", seq: 7, readings: [reading(97)], status: { battery: 81, worn: true } });
  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual({ acked: 7, refused: [] });
  const [frame] = await stored(device.entry.deviceId);
  expect(frame).toMatchObject({
    patientId: device.entry.patientId,
    clinicId: device.entry.clinicId,
    boot: "b1",
    seq: 7,
    battery: 81,
    worn: true,
  });
  expect(frame?.readings[0]?.slice(0, 3)).toEqual(["59408-5", "spo2", 97]);
});

test("single bad readings are refused by index and code, the rest is kept", async () => {
  const device = await fixture.pair();
  const bad = [
    { ...reading(), code: "1-1" },
    { ...reading(), unit: "mg/dL" },
    { ...reading(), value: "97" },
    { ...reading(), value: null },
    { ...reading(), at: "2161-01-01T00:00:00Z" },
    { ...reading(), at: "1970-01-01T00:00:00Z" },
    { ...reading(), extra: 1 },
  ];
  const answer = await post(device.token, { boot: "b", seq: 1, readings: [...bad, reading(95)] });
  expect(answer.status).toBe(202);
  expect(((await answer.json()) as Verdict).refused).toEqual([
    { index: 0, code: "unknown-code" },
    { index: 1, code: "unknown-unit" },
    { index: 2, code: "not-a-number" },
    { index: 3, code: "not-a-number" },
    { index: 4, code: "time-in-future" },
    { index: 5, code: "time-too-old" },
    { index: 6, code: "unknown-field" },
  ]);
  expect((await stored(device.entry.deviceId))[0]?.readings).toHaveLength(1);
});

test("the socket grants credit, acknowledges what is on disk, tells refused readings first, and accepts the token as subprotocol", async () => {
  for (const viaSubprotocol of [false, true]) {
    const device = await fixture.pair();
    const { socket, heard } = await openSocket(device.token, viaSubprotocol);
    expect(heard[0]).toEqual({ credit: 64 });
    socket.send(JSON.stringify({ boot: "w", seq: 1, readings: [reading(), { ...reading(), unit: "kg" }] }));
    socket.send(JSON.stringify({ boot: "w", seq: 2, readings: [] }));
    await waitFor(() => heard.length >= 4, { what: "answers" });
    expect(heard).toContainEqual({ boot: "w", refused: 1, items: [{ index: 1, code: "unknown-unit" }] });
    expect(heard).toContainEqual({ boot: "w", ack: 1 });
    expect(heard.find((frame) => "nack" in frame)).toMatchObject({ boot: "w", nack: 2, problem: { code: "empty-batch" } });
    expect((await stored(device.entry.deviceId)).map((frame) => frame.seq)).toEqual([1]);
    socket.close();
  }
});

test("an oversize batch on the socket is refused by name and the socket goes on", async () => {
  const device = await fixture.pair();
  const { socket, heard } = await openSocket(device.token);
  socket.send(JSON.stringify({ boot: "w", seq: 1, readings: [reading()], pad: "x".repeat(300_000) }));
  socket.send("{broken");
  socket.send(JSON.stringify({ boot: "w", seq: 2, readings: [reading()] }));
  await waitFor(() => heard.some((frame) => "ack" in frame), { what: "ack" });
  const nacks = heard.flatMap((frame) => ("nack" in frame ? [[frame.boot, frame.nack, frame.problem.code]] : []));
  expect(nacks).toEqual([
    ["w", 1, "body-too-large"],
    ["", -1, "malformed-json"],
  ]);
  socket.close();
});

test("sixty batches at once are all acknowledged, on disk once each, in fewer commits than batches", async () => {
  const device = await fixture.pair();
  const { socket, heard } = await openSocket(device.token);
  const before = (await fixture.envelopes()).length;
  for (let seq = 0; seq < 60; seq++) socket.send(JSON.stringify({ boot: "many", seq, readings: [reading()] }));
  await waitFor(() => heard.filter((frame) => "ack" in frame).length === 60, { what: "60 acks" });
  const frames = await stored(device.entry.deviceId);
  expect(frames.map((frame) => frame.seq)).toEqual(Array.from({ length: 60 }, (_, seq) => seq));
  expect((await fixture.envelopes()).length - before).toBeLessThan(60);
  socket.close();
});

test("a NATS request is answered as the socket would", async () => {
  const device = await fixture.pair();
  const ask = async (deviceId: string, batch: unknown) =>
    (await request(deviceId, batch, `_INBOX.${deviceId}.${crypto.randomUUID()}`, 5_000)).json();
  const request = (deviceId: string, batch: unknown, reply: string, timeout: number) =>
    fixture.broker.nats.request(`dev.${deviceId}.readings`, JSON.stringify(batch), { timeout, noMux: true, reply });
  expect(await ask(device.entry.deviceId, { boot: "n", seq: 3, readings: [reading()] })).toEqual({ boot: "n", ack: 3 });
  expect(await ask(device.entry.deviceId, { boot: "n", seq: 4, readings: [reading(), {}] })).toEqual({
    boot: "n",
    ack: 4,
    refused: 4,
    items: [{ index: 1, code: "unknown-code" }],
  });
  expect(await ask(device.entry.deviceId, { boot: "n", seq: 5, readings: [] })).toMatchObject({
    nack: 5,
    problem: { code: "empty-batch" },
  });
  expect(await ask(`dev_${"0".repeat(32)}`, { boot: "n", seq: 1, readings: [reading()] })).toMatchObject({
    problem: { code: "invalid-token" },
  });
  const elsewhere = request(device.entry.deviceId, { boot: "n", seq: 6, readings: [reading()] }, "_INBOX.somebody.1", 500);
  await expect(elsewhere).rejects.toThrow();
  expect((await stored(device.entry.deviceId)).map((frame) => frame.seq)).toEqual([3, 4]);
});

test("a replay device's own send time is its receive time; a live device's is not believed", async () => {
  const sentAt = "2024-03-01T10:00:00.000Z";
  for (const kind of ["replay", "wearable"] as const) {
    const device = await fixture.pair(kind);
    const answer = await post(device.token, { boot: "b", seq: 1, sentAt, readings: [reading(97, new Date(sentAt))] });
    expect(answer.status).toBe(202);
    const [frame] = await stored(device.entry.deviceId);
    if (kind === "replay") expect(frame?.receivedAtMs).toBe(Date.parse(sentAt));
    else expect(frame?.receivedAtMs).toBeGreaterThan(Date.now() - 60_000);
  }
});

test("what devices are told is counted by door and code, without naming any of them", async () => {
  const counting = await fixture.start();
  const device = await fixture.pair();
  const send = (token: string, body: unknown) =>
    fetch(`${counting.url}/api/devices/readings`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
  expect(
    (await send(device.token, { boot: "b", seq: 1, readings: [reading(97), reading(96), { ...reading(), unit: "mg/dL" }] })).status,
  ).toBe(202);
  expect((await send("nobody", { boot: "b", seq: 2, readings: [reading()] })).status).toBe(401);
  expect((await send(device.token, { boot: "b" })).status).toBe(422);
  const text = await (await fetch(`${counting.opsUrl}/metrics`)).text();
  const lines = text.split("\n").filter((line) => /^gateway_(batches|readings)_|^gateway_(commit_frames|ack_seconds)_count/.test(line));
  expect(lines.sort()).toEqual([
    'gateway_ack_seconds_count{service="gateway",door="http"} 1',
    'gateway_batches_committed_total{door="http",service="gateway"} 1',
    'gateway_batches_refused_total{door="http",code="invalid-input",service="gateway"} 1',
    'gateway_batches_refused_total{door="http",code="invalid-token",service="gateway"} 1',
    'gateway_commit_frames_count{service="gateway"} 1',
    'gateway_readings_committed_total{service="gateway"} 2',
    'gateway_readings_refused_total{code="unknown-unit",service="gateway"} 1',
  ]);
  expect(text).not.toContain(device.entry.deviceId);
  await counting.stop();
});

/** Hands a batch in by each door and waits for what the device is told. */
const handIn: Record<Door, (at: Gateway, device: PairedDevice, batch: string) => Promise<unknown>> = {
  http: (at, { token }, body) =>
    fetch(`${at.url}/api/devices/readings`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body,
    }),
  socket: async (at, { token }, batch) => {
    const socket = new WebSocket(`${at.url.replace("http", "ws")}/api/devices/stream`, [`bearer.${token}`]);
    await new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => {
        const frame: ServerFrame = JSON.parse(String(data));
        if ("credit" in frame) socket.send(batch);
        else if ("ack" in frame || "nack" in frame) resolve();
      };
    });
    socket.close();
  },
  nats: (_at, { entry: { deviceId } }, batch) =>
    fixture.broker.nats.request(`dev.${deviceId}.readings`, batch, {
      timeout: 5_000,
      noMux: true,
      reply: `_INBOX.${deviceId}.${crypto.randomUUID()}`,
    }),
  mqtt: async (at, { token, entry: { deviceId } }, batch) => {
    const login = { username: deviceId, password: token };
    const client = await mqtt.connectAsync(`${at.url.replace("http", "ws")}/mqtt`, {
      protocolVersion: 4,
      forceNativeWebSocket: true,
      ...login,
    });
    await client.publishAsync(`dev/${deviceId}/readings`, batch, { qos: 1 });
    await client.endAsync();
  },
};

test("whatever the door: the same batches lead to the same frames, and are refused for the same reasons", async () => {
  // NATS requests go to any gateway that is there: only the one that is counted may be.
  await gateway.stop();
  const at = new Date();
  const good = reading(97, at);
  const numbered = (seq: number, readings: unknown[], more: object = {}) => JSON.stringify({ boot: "same", seq, readings, ...more });
  const batches = [
    numbered(0, [good]),
    numbered(0, [good]),
    numbered(1, [good, { ...good, unit: "kg" }, { ...good, value: "97" }, { ...good, code: "1-1" }, reading(0, at)], {
      status: { battery: 5, worn: false },
    }),
    numbered(2, [{ ...good, unit: "" }]),
    numbered(3, []),
    numbered(
      7,
      ["V", "v", 2].map((value) => ({ code: "67775-7", value, at: good.at })),
    ),
    numbered(4, [good], { patientId: "pat_1" }),
    numbered(
      5,
      Array.from({ length: 1_001 }, () => good),
    ),
    numbered(6, [good], { status: { battery: "x".repeat(270_000) } }),
    `${"[".repeat(100)}${"]".repeat(100)}`,
    "{",
  ];
  const outcomes = [];
  for (const door of doors) {
    const only = await fixture.start();
    const device = await fixture.pair();
    for (const batch of batches) await handIn[door](only, device, batch);
    const text = await (await fetch(`${only.opsUrl}/metrics`)).text();
    const counts = text.split("\n").filter((line) => /^gateway_(batches|readings)_\w+\{/.test(line));
    expect(counts.some((line) => line.includes(`door="${door}"`))).toBe(true);
    const frames = (await stored(device.entry.deviceId)).map(({ deviceId, patientId, clinicId, receivedAtMs, skewMs, ...frame }) => frame);
    outcomes.push({ frames, counts: counts.map((line) => line.replace(`door="${door}"`, "")).sort() });
    await only.stop();
  }
  expect(outcomes[0]?.frames).toHaveLength(5);
  expect(outcomes[0]?.counts.filter((line) => line.startsWith("gateway_batches_refused_total"))).toHaveLength(6);
  for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0] as (typeof outcomes)[number]);
}, 60_000);
