import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPairing, getPairing, pair, revokeDevice, rotateDevice } from "@episante/contracts/device";
import { type DeviceClient, openDevice } from "@episante/device/client";
import { type DoorName, doorNames } from "@episante/device/link";
import { type Caller, jsonOf, makeCaller, until } from "./calls.ts";
import { natsDoor, socketDoor } from "./doors.ts";
import { episante, eventually, type Instance, startInstance } from "./instance.ts";
import { accountOf, patientIdOf, signIn } from "./people.ts";
import { record, writeCsv } from "./recordings.ts";

let instance: Instance;
let doctor: Caller;
/** One for each door, and one more. Paired before wrong codes lock this address out. */
const paired: Device[] = [];
const stranger = () => makeCaller(instance.url);
beforeAll(async () => {
  instance = await startInstance();
  doctor = await signIn(instance, accountOf(instance, "doctor"));
  for (const name of [...doorNames, "more"]) paired.push((await pairNew(name)).device);
}, 180_000);
afterAll(async () => {
  await instance?.stop();
}, 60_000);

const reading = () => ({ code: "59408-5", value: 97, unit: "%", at: new Date().toISOString() });

async function pairNew(model: string) {
  const patientId = patientIdOf(instance);
  const pairing = await doctor.call(createPairing, { body: { patientId } });
  const device = await stranger().call(pair, { body: { code: pairing.code, model, serial: `S-${model}` } });
  return { pairing, device };
}
type Device = Awaited<ReturnType<typeof pairNew>>["device"];

function openBy(door: DoorName, { nats }: Device, token: string): Promise<DeviceClient> {
  return openDevice({ url: instance.url, token, door, nats: nats.servers[0] ?? "" });
}

/** Sends until the device is told that its token ended. @returns milliseconds */
function untilRejected(client: DeviceClient, what: string): Promise<number> {
  return eventually(
    async () => {
      if (client.state() === "online") await client.send([reading()]);
      return client.state() === "rejected";
    },
    10_000,
    what,
  );
}

test("the screen that shows a code learns of the device, then of its first reading; wrong, used and too many codes are told apart", async () => {
  const { pairing, device } = await pairNew("Ring");
  const ask = () => doctor.call(getPairing, { params: { id: pairing.id } });
  expect(await ask()).toMatchObject({ status: "paired", device: { id: device.deviceId, model: "Ring", serial: "S-Ring" } });
  const client = await openBy("ws", device, device.token);
  const sent = reading();
  await client.send([sent]);
  const { firstReading } = await until(ask, (answer) => answer.firstReading !== undefined, "the first reading", 5_000);
  expect(firstReading).toEqual({ signal: "spo2", code: "59408-5", value: 97, unit: "%", at: sent.at });
  await client.close();

  const body = { model: "m", serial: "s" };
  expect((await stranger().ask(pair, { body: { ...body, code: pairing.code } })).code).toBe("code-used");
  expect((await stranger().ask(pair, { body: { ...body, code: "AAAA2222" } })).code).toBe("not-found");
  const bad = await stranger().send("POST", pair.path, jsonOf({ ...body, code: "x".repeat(17) }));
  expect([bad.status, bad.code]).toEqual([422, "invalid-input"]);
  for (let guess = 0; guess < 9; guess++) await stranger().ask(pair, { body: { ...body, code: "AAAA2222" } });
  const locked = await stranger().ask(pair, { body: { ...body, code: "AAAA2222" } });
  expect([locked.status, locked.code]).toEqual([429, "too-many-requests"]);
});

test("at every door a replaced and a revoked token stop within 5 s, what they opened is closed, and the new token works at once", async () => {
  for (const [index, door] of doorNames.entries()) {
    const device = paired[index] as Device;
    const { deviceId: id, token } = device;
    const params = { id };
    const client = await openBy(door, device, token);
    await client.send([reading()]);
    expect(await client.drained(10_000)).toBe(true);
    const rotated = await doctor.call(rotateDevice, { params });
    const [stopped, renewed] = await Promise.all([
      untilRejected(client, `${door}: end of the old token`),
      openBy(door, device, rotated.token),
    ]);
    expect(stopped).toBeLessThan(5_000);
    await renewed.send([reading()]);
    expect(await renewed.drained(10_000)).toBe(true);
    await doctor.call(revokeDevice, { params });
    const revoked = await untilRejected(renewed, `${door}: end of the revoked token`);
    expect(revoked).toBeLessThan(5_000);
    process.stdout.write(`${door}: old token ended after ${Math.round(stopped)} ms, revoked after ${Math.round(revoked)} ms\n`);
    await Promise.all([client.close(), renewed.close()]);
  }
}, 120_000);

test("connections that are silent are closed too", async () => {
  const { deviceId: id, ...more } = paired.at(-1) as Device;
  const device = { id, ...more };
  const socket = await socketDoor(instance.url, device);
  const broker = await natsDoor(device);
  await doctor.call(rotateDevice, { params: { id } });
  await eventually(() => socket.closed()?.code === 4401, 5_000, "close of the silent socket");
  // A request on an ended connection is answered by its end.
  await eventually(async () => (await broker.send("{}")).code === "closed", 5_000, "close of the silent NATS session");
}, 60_000);

test("a recording is replayed by every door, every reading acknowledged", async () => {
  const file = writeCsv(instance.dir, "short.csv", record([{ seconds: 20, spo2: 97 }]));
  const device = instance.demo.devices.find(({ kind }) => kind === "replay");
  for (const door of doorNames) {
    const ran = await episante("replay", file, "--data", instance.dir, "--device", device?.token ?? "", "--speed", "max", "--door", door);
    expect([door, ran.status, ran.out.trim().split("\n").at(-1)]).toEqual([door, 0, "40 sent, 40 acked, 0 refused"]);
  }
  const wrong = await episante("replay", file, "--data", instance.dir, "--device", "x", "--door", "coap");
  expect([wrong.status === 0, wrong.err]).toEqual([false, expect.stringContaining("ws, http, nats, mqtt")]);
}, 120_000);
