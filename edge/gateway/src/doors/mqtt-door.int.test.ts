import { afterEach, expect, test } from "bun:test";
import { connect } from "node:net";
import type { DeviceEntry } from "@episante/contracts/device";
import { isRefusal, type ProblemCode, refuse } from "@episante/contracts/problem";
import { freePort } from "@episante/testkit/servers";
import { waitFor } from "@episante/testkit/wait-for";
import { MqttClient } from "mqtt";
import type { DeviceCheck } from "../mirrors/devices.ts";
import { type MqttDoor, openMqttDoor } from "./mqtt-door.ts";
import { MqttWire } from "./mqtt-wire.ts";

const device: DeviceEntry = {
  deviceId: `dev_${"1".repeat(32)}`,
  patientId: `pat_${"2".repeat(32)}`,
  clinicId: `cli_${"3".repeat(32)}`,
  kind: "wearable",
  tokenHash: "hash",
};
const topic = `dev/${device.deviceId}/readings`;
const opened: { door: MqttDoor; client: MqttClient }[] = [];
afterEach(async () => {
  for (const { door, client } of opened.splice(0)) {
    await client.endAsync(true);
    await door.drain();
    await door.closeAll();
  }
});

/** A door that says of each batch what `answer` says, the registry as `registry` says, and a client at it. */
async function makeDoor({ answer, registry = { device } }: { answer: () => ProblemCode | "ok" | "never"; registry?: DeviceCheck }) {
  const port = await freePort();
  const told: string[] = [];
  const waiting: (() => void)[] = [];
  const door = await openMqttDoor({
    devices: { byToken: async () => registry, byId: async () => registry, still: () => registry, onRevoked() {} },
    receive: (_batch, _device, _origin, tell) => {
      const said = answer();
      const result = said === "ok" || said === "never" ? { readings: 1, refusedItems: [] } : refuse(said);
      if (said === "never") waiting.push(() => tell({ boot: "b", seq: 1, result }));
      else tell({ boot: "b", seq: 1, result });
    },
    meter: { told: (door, result) => void told.push(`${door} ${isRefusal(result) ? result.refused : "ok"}`) },
    tcp: { port, hostname: "127.0.0.1" },
    holdMs: 1_200,
  });
  const login = { username: device.deviceId, password: `${device.deviceId}.${"A".repeat(43)}` };
  const client = new MqttClient(() => connect(port, "127.0.0.1"), { protocolVersion: 4, reconnectPeriod: 0, ...login });
  const seen = { returnCode: -1, isClosed: false, isAcknowledged: false };
  client.on("error", () => {});
  client.on("close", () => {
    seen.isClosed = true;
  });
  client.on("packetreceive", (packet) => {
    if (packet.cmd === "connack") seen.returnCode = packet.returnCode ?? -1;
    if (packet.cmd === "puback") seen.isAcknowledged = true;
  });
  opened.push({ door, client });
  await waitFor(() => seen.returnCode >= 0, { what: "CONNACK" });
  return { door, client, seen, told, release: () => waiting.splice(0).forEach((tell) => void tell()) };
}

test("a batch that storage does not take for too long gets no PUBACK: its device is sent away with it", async () => {
  const { client, seen, told } = await makeDoor({ answer: () => "back-pressure" });
  client.publish(topic, "{}", { qos: 1 });
  await waitFor(() => seen.isClosed, { what: "the end" });
  expect([seen.isAcknowledged, told]).toEqual([false, ["mqtt back-pressure"]]);
});

test("a batch that storage takes at the second attempt is acknowledged, and counted once, as taken", async () => {
  let attempts = 0;
  const { client, seen, told } = await makeDoor({
    answer: () => {
      attempts += 1;
      return attempts === 1 ? "mirror-stale" : "ok";
    },
  });
  await client.publishAsync(topic, "{}", { qos: 1 });
  expect([seen.isClosed, attempts, told]).toEqual([false, 2, ["mqtt ok"]]);
});

test("while the device registry is out of date a login is told to come again, a wrong one is told that it is wrong", async () => {
  for (const [code, returnCode] of [
    ["mirror-stale", 3],
    ["invalid-token", 4],
  ] as const) {
    const { seen, door } = await makeDoor({ answer: () => "ok", registry: refuse(code) });
    expect([seen.returnCode, door.count()]).toEqual([returnCode, 0]);
  }
});

test("what a device sends ahead while its batch waits is held back by TCP: nothing of it is acknowledged or lost", async () => {
  let mode: "never" | "ok" = "never";
  const { client, seen, told, release } = await makeDoor({ answer: () => mode });
  const payload = `{${" ".repeat(250_000)}}`;
  const sent = Array.from({ length: 40 }, () => client.publishAsync(topic, payload, { qos: 1 }));
  await Bun.sleep(500);
  expect([seen.isAcknowledged, seen.isClosed, told]).toEqual([false, false, []]);
  mode = "ok";
  release();
  await Promise.all(sent);
  expect(told).toEqual(Array(40).fill("mqtt ok"));
});

test("a carrier that cannot wait is closed when more comes in than is held: for a stranger soon, for a device later", () => {
  const limits = { strangerBytes: 100, packetBytes: 200, waitingBytes: 500 };
  const fed = (isKnown: boolean, ...sizes: number[]) => {
    const closed: number[] = [];
    const wire = new MqttWire({ send() {}, close: (code) => void closed.push(code) }, limits);
    wire.on("error", () => {});
    if (isKnown) wire.know();
    // Each a packet of its own: a fixed header of 3 bytes, then the rest.
    for (const size of sizes)
      wire.feed(Buffer.concat([Buffer.from([0x32, (size % 128) | 128, Math.floor(size / 128)]), Buffer.alloc(size)]));
    return closed;
  };
  expect([fed(false, 50), fed(false, 50, 50), fed(false, 101)]).toEqual([[], [1009], [1009]]);
  expect([fed(true, 150, 150, 150), fed(true, 150, 150, 150, 150), fed(true, 201)]).toEqual([[], [1009], [1009]]);
});
