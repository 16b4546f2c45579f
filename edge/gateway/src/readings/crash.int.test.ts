import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { openDevice } from "@episante/device/client";
import { temporaryFolder } from "@episante/testkit/servers";
import { waitFor } from "@episante/testkit/wait-for";
import mqtt from "mqtt";
import { type Fixture, makeFixture, type PairedDevice, reading } from "../../test/fixture.ts";

let fixture: Fixture;
const children: { kill(signal?: NodeJS.Signals): void; exited: Promise<number> }[] = [];
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await fixture.close();
});

/** A gateway as its own process. */
async function spawnGateway(env: Record<string, string>) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "..", "main.ts")], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  children.push(child);
  const ready = () =>
    fetch(`http://127.0.0.1:${env.OPS_PORT}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
  await waitFor(ready, { timeoutMs: 15_000, what: "the gateway" });
  return child;
}

/** What the stream holds of a device, each (boot, seq) with how often. */
async function stored(device: PairedDevice): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const frame of (await fixture.envelopes()).flatMap((envelope) => envelope.frames)) {
    if (frame.deviceId !== device.entry.deviceId) continue;
    const key = `${frame.boot}/${frame.seq}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Streams batches from a disk outbox while `disturb` happens, and waits until everything is acknowledged. */
async function streamThrough(url: string, batches: number, disturb: () => Promise<void>) {
  const device = await fixture.pair();
  const acked = new Set<string>();
  const client = await openDevice({
    url,
    token: device.token,
    folder: temporaryFolder("outbox"),
    onSettled: (batch, settlement) => {
      if (settlement.kind === "acked") acked.add(`${batch.boot}/${batch.seq}`);
    },
  });
  const disturbed = (async () => {
    await waitFor(() => acked.size > batches / 5, { what: "the stream to flow" });
    await disturb();
  })();
  for (let index = 0; index < batches; index++) {
    expect(await client.send([reading(90 + (index % 10))])).toBe(true);
    if (index % 10 === 0) await Bun.sleep(10);
  }
  await disturbed;
  expect(await client.drained(20_000)).toBe(true);
  await client.close();
  return { device, acked };
}

test("a gateway killed with -9 in mid-stream loses nothing that it acknowledged, and every batch arrives", async () => {
  const env = await fixture.env();
  let child = await spawnGateway(env);
  const { device, acked } = await streamThrough(`http://127.0.0.1:${env.PORT}`, 600, async () => {
    child.kill("SIGKILL");
    await child.exited;
    child = await spawnGateway(env);
  });
  const found = await stored(device);
  expect(acked.size).toBe(600);
  expect([...acked].filter((key) => !found.has(key))).toEqual([]);
  expect(found.size).toBe(600);
  child.kill();
  expect(await child.exited).toBe(0);
}, 60_000);

test("a gateway killed with -9 between commit and PUBACK: an MQTT device sends again, nothing acknowledged is lost, every batch arrives", async () => {
  const env = await fixture.env();
  let child = await spawnGateway(env);
  const device = await fixture.pair();
  const { deviceId } = device.entry;
  const client = await mqtt.connectAsync(`ws://127.0.0.1:${env.PORT}/mqtt`, {
    protocolVersion: 4,
    forceNativeWebSocket: true,
    username: deviceId,
    password: device.token,
    reconnectPeriod: 100,
  });
  client.on("error", () => {});
  const acked = new Set<string>();
  const sent = Array.from({ length: 300 }, async (_, seq) => {
    await Bun.sleep(seq * 2);
    await client.publishAsync(`dev/${deviceId}/readings`, JSON.stringify({ boot: "m", seq, readings: [reading()] }), { qos: 1 });
    acked.add(`m/${seq}`);
  });
  await waitFor(() => acked.size > 60, { what: "the stream to flow" });
  child.kill("SIGKILL");
  await child.exited;
  const before = await stored(device);
  expect([...acked].filter((key) => !before.has(key))).toEqual([]);
  child = await spawnGateway(env);
  await Promise.all(sent);
  await client.endAsync();
  expect((await stored(device)).size).toBe(300);
  child.kill();
  expect(await child.exited).toBe(0);
}, 60_000);

test("a gateway away for seconds: batches wait on the device's disk, also over the device's own restart", async () => {
  const env = await fixture.env();
  const url = `http://127.0.0.1:${env.PORT}`;
  const folder = temporaryFolder("outbox");
  const device = await fixture.pair();
  const before = await openDevice({ url, token: device.token, folder });
  for (let index = 0; index < 50; index++) expect(await before.send([reading()])).toBe(true);
  await Bun.sleep(1_500);
  expect(before.waiting()).toBe(50);
  await before.close();
  const after = await openDevice({ url, token: device.token, folder });
  await after.send([reading()]);
  expect(after.waiting()).toBe(51);
  const child = await spawnGateway(env);
  expect(await after.drained(20_000)).toBe(true);
  await after.close();
  const found = await stored(device);
  expect(found.size).toBe(51);
  expect([...found.values()].every((count) => count === 1)).toBe(true);
  child.kill();
  await child.exited;
}, 60_000);

test("a stopping gateway flushes: what it took is on disk or not acknowledged, and it ends with 0", async () => {
  const env = await fixture.env();
  let child = await spawnGateway(env);
  const { device, acked } = await streamThrough(`http://127.0.0.1:${env.PORT}`, 400, async () => {
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    child = await spawnGateway(env);
  });
  const found = await stored(device);
  expect([...acked].filter((key) => !found.has(key))).toEqual([]);
  expect(found.size).toBe(400);
  child.kill();
  await child.exited;
}, 60_000);

test("a broker killed with -9 in mid-stream loses nothing that was acknowledged", async () => {
  const gateway = await fixture.start();
  const { device, acked } = await streamThrough(gateway.url, 400, () => fixture.broker.server.restart());
  const found = await waitFor(() => stored(device).catch(() => null), { timeoutMs: 15_000, what: "the broker" });
  expect(acked.size).toBe(400);
  expect([...acked].filter((key) => !found.has(key))).toEqual([]);
}, 60_000);

test("while the broker is away signed-in requests and readings are refused, and served again when it is back", async () => {
  const gateway = await fixture.start();
  const device = await fixture.pair();
  const send = () =>
    fetch(`${gateway.url}/api/devices/readings`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${device.token}` },
      body: JSON.stringify({ boot: "b", seq: 1, readings: [reading()] }),
    });
  expect((await send()).status).toBe(202);
  await fixture.broker.server.stop();
  await waitFor(async () => (await send()).status === 503, { timeoutMs: 15_000, what: "refusal" });
  await waitFor(
    async () => ((await (await fetch(`${gateway.opsUrl}/readyz`)).json()) as { reasons: string[] }).reasons.includes("sessions"),
    {
      timeoutMs: 15_000,
      what: "a stale mirror",
    },
  );
  await fixture.broker.server.restart();
  await waitFor(async () => (await send()).status === 202, { timeoutMs: 30_000, what: "service again" });
}, 90_000);
