import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import * as contract from "@episante/contracts/device";
import { newId } from "@episante/service/ids";
import { doctorActor, patientActor } from "@episante/testkit/actors";
import { expectProblem } from "@episante/testkit/refusals";
import { makeWorld, start, type World } from "../../test/world.ts";
import { repairBucket } from "../actions/repair-bucket.ts";
import { secrets } from "../secrets.ts";

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.close());

const newCode = async (actor = world.doctor) =>
  (await world.api.call(contract.createPairing, { actor, body: { patientId: world.patientId } })).json.code as string;
const pair = (code: string, more: object = {}, headers: Record<string, string> = {}) =>
  world.api.call(contract.pair, { body: { code, model: "Ring 3", serial: "R-1", ...more }, headers });

describe("pairing", () => {
  test("a code becomes a device whose entry is in the bucket before the answer", async () => {
    const code = await newCode();
    expect(code).toMatch(/^[2-9A-HJKMNP-Z]{8}$/);
    const paired = await pair(code.toLowerCase());
    expect(paired.status).toBe(201);
    const { deviceId, token, nats } = paired.json;
    expect(token).toMatch(new RegExp(`^${deviceId}\\.[A-Za-z0-9_-]{43}$`));
    expect(nats).toEqual({ servers: ["nats://127.0.0.1:4222"], user: deviceId, inboxPrefix: `_INBOX.${deviceId}` });
    expect(contract.deviceEntrySchema.parse(JSON.parse(world.bucket.entries.get(deviceId) ?? ""))).toEqual({
      deviceId,
      patientId: world.patientId,
      clinicId: world.clinicId,
      kind: "wearable",
      tokenHash: secrets.hash(token),
    });
    const stored = JSON.stringify(await world.database.owner`select * from devices, pairings`);
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(code);
  });
  test("a code works once, also for ten devices at once", async () => {
    const code = await newCode();
    const answers = await Promise.all(Array.from({ length: 10 }, () => pair(code)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ json }) => json.code === "code-used")).toHaveLength(9);
    expect(world.bucket.entries.size).toBe(1);
  });
  test("a code expires after ten minutes", async () => {
    const code = await newCode();
    world.clock.advance(600_000);
    expectProblem(await pair(code), 422, "code-expired");
  });
  test("guessing is limited per address; the right code is refused too until the time is over", async () => {
    const headers = { "x-real-ip": "198.51.100.7" };
    for (let guess = 0; guess < 10; guess++) expectProblem(await pair("AAAA2222", {}, headers), 404, "not-found");
    const code = await newCode();
    expectProblem(await pair(code, {}, headers), 429, "too-many-requests");
    world.clock.advance(600_000);
    expect((await pair(await newCode(), {}, headers)).status).toBe(201);
    expect((await pair(await newCode(), {}, { "x-real-ip": "198.51.100.8" })).status).toBe(201);
  });
  test("patients pair for themselves", async () => {
    const me = patientActor(world.patientId);
    const code = (await world.api.call(contract.createPairing, { actor: me, body: { patientId: world.patientId } })).json.code;
    expect((await pair(code)).status).toBe(201);
    expectProblem(
      await world.api.call(contract.createPairing, { actor: patientActor(), body: { patientId: world.patientId } }),
      404,
      "not-found",
    );
  });
  test("replay devices are refused in production", async () => {
    const production = await makeWorld({ allowsReplay: false });
    const answer = await production.api.call(contract.pair, { body: { code: "AAAA2222", model: "m", serial: "s", kind: "replay" } });
    expectProblem(answer, 403, "forbidden");
    await production.close();
    expect((await pair(await newCode(), { kind: "replay" })).status).toBe(201);
  });
  test("a bucket that cannot be written leaves no device and the code unused", async () => {
    const code = await newCode();
    world.bucket.isBroken = true;
    expect((await pair(code)).status).toBe(500);
    world.bucket.isBroken = false;
    expect((await world.database.owner`select 1 from devices`).length).toBe(0);
    expect((await pair(code)).status).toBe(201);
  });
});

describe("what became of a code", () => {
  const ask = (id: string, actor = world.doctor) => world.api.call(contract.getPairing, { actor, params: { id } });
  const newPairing = async () =>
    (await world.api.call(contract.createPairing, { actor: world.doctor, body: { patientId: world.patientId } })).json as {
      id: string;
      code: string;
      expiresAt: string;
    };
  test("it waits, then shows the device, then that device's first reading, whatever comes after", async () => {
    const { id, code, expiresAt } = await newPairing();
    expect((await ask(id)).json).toEqual({ id, patientId: world.patientId, expiresAt, status: "waiting" });
    const { deviceId } = (await pair(code)).json;
    const paired = (await ask(id)).json;
    expect(paired).toMatchObject({ status: "paired", device: { id: deviceId, model: "Ring 3", serial: "R-1", kind: "wearable" } });
    expect(paired.firstReading).toBeUndefined();
    await world.store([world.frame([], { deviceId, refused: 1 })]);
    expect((await ask(id)).json.firstReading).toBeUndefined();
    const later = world.frame([[90, 93]], { deviceId });
    await world.store([
      world.frame(
        [
          [60, 95],
          [61, 96],
        ],
        { deviceId },
      ),
      later,
    ]);
    await world.store([world.frame([[30, 80]], { deviceId })]);
    expect((await ask(id, patientActor(world.patientId))).json.firstReading).toEqual({
      signal: "spo2",
      code: "59408-5",
      value: 95,
      unit: "%",
      at: new Date(start + 60_000).toISOString(),
    });
    await world.api.call(contract.revokeDevice, { actor: world.doctor, params: { id: deviceId } });
    expect((await ask(id)).json.device.revokedAt).toBe(new Date(start).toISOString());
  });
  test("a code nobody used has expired after ten minutes; a used one stays paired", async () => {
    const [unused, used] = [await newPairing(), await newPairing()];
    await pair(used.code);
    world.clock.advance(600_000);
    expect((await ask(unused.id)).json.status).toBe("expired");
    expect((await ask(used.id)).json.status).toBe("paired");
  });
  test("a stranger, a colleague and an unknown id learn nothing", async () => {
    const { id } = await newPairing();
    expectProblem(await ask(id, patientActor()), 404, "not-found");
    expectProblem(await ask(id, doctorActor({ clinicId: world.clinicId })), 403, "care-relationship-required");
    expectProblem(await ask(newId("pai", 1)), 404, "not-found");
  });
});

describe("a paired device", () => {
  const paired = async () => (await pair(await newCode())).json as { deviceId: string; token: string };
  test("is listed with what it told and last seen, to its patient and to doctors who treat them", async () => {
    const { deviceId } = await paired();
    await world.store([world.frame([[60, 95]], { deviceId, battery: 71, worn: false, skewMs: 7_800_400, refused: 2 })]);
    for (const actor of [world.doctor, patientActor(world.patientId)]) {
      const list = await world.api.call(contract.listDevices, { actor });
      expect(list.json.items).toEqual([
        {
          id: deviceId,
          patientId: world.patientId,
          kind: "wearable",
          model: "Ring 3",
          serial: "R-1",
          pairedAt: new Date(start).toISOString(),
          lastSeenAt: new Date(start + 60_000).toISOString(),
          battery: 71,
          worn: false,
          skewSeconds: 7_800,
          refusedReadings: 2,
        },
      ]);
    }
    expect((await world.api.call(contract.listDevices, { actor: doctorActor({ clinicId: world.clinicId }) })).json.items).toEqual([]);
  });
  test("is found page by page, newest first, without the revoked when asked so", async () => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) {
      ids.unshift((await paired()).deviceId);
      world.clock.advance(1_000);
    }
    const [revoked = ""] = ids.splice(2, 1);
    await world.api.call(contract.revokeDevice, { actor: world.doctor, params: { id: revoked } });
    const list = async (query: Record<string, string>) => (await world.api.call(contract.listDevices, { actor: world.doctor, query })).json;
    const first = await list({ state: "active", limit: "3" });
    expect(first.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 3));
    const second = await list({ state: "active", limit: "3", cursor: first.next });
    expect([second.items.map(({ id }: { id: string }) => id), second.next]).toEqual([ids.slice(3), undefined]);
    expect((await list({})).items).toHaveLength(5);
    expectProblem(await world.api.call(contract.listDevices, { actor: world.doctor, query: { cursor: "x" } }), 422, "invalid-input");
  });
  test("gets a new token; the old one's hash is gone and its NATS sessions are ended", async () => {
    const { deviceId, token } = await paired();
    const rotated = await world.api.call(contract.rotateDevice, { actor: world.doctor, params: { id: deviceId } });
    expect(rotated.json.token).not.toBe(token);
    expect(JSON.parse(world.bucket.entries.get(deviceId) ?? "").tokenHash).toBe(secrets.hash(rotated.json.token));
    expect(world.ended).toEqual([deviceId]);
  });
  test("is revoked once and for all", async () => {
    const { deviceId } = await paired();
    const params = { id: deviceId };
    expect((await world.api.call(contract.revokeDevice, { actor: world.doctor, params })).status).toBe(204);
    expect(world.bucket.entries.size).toBe(0);
    expect(world.ended).toEqual([deviceId]);
    expectProblem(await world.api.call(contract.revokeDevice, { actor: world.doctor, params }), 404, "not-found");
    expectProblem(await world.api.call(contract.rotateDevice, { actor: world.doctor, params }), 404, "not-found");
    expect((await world.api.call(contract.listDevices, { actor: world.doctor })).json.items[0].revokedAt).toBe(
      new Date(start).toISOString(),
    );
  });
  test("is repaired into a lost bucket, and a revoked one out of it", async () => {
    const [one, two] = [await paired(), await paired()];
    const entries = new Map(world.bucket.entries);
    await world.api.call(contract.revokeDevice, { actor: world.doctor, params: { id: two.deviceId } });
    world.bucket.entries.clear();
    world.bucket.entries.set(two.deviceId, entries.get(two.deviceId) ?? "");
    world.bucket.entries.set(newId("dev", start), "{}");
    expect(await repairBucket(world.deps)).toBe(2);
    expect(world.bucket.entries.get(one.deviceId)).toBe(entries.get(one.deviceId) ?? "");
    expect(world.bucket.entries.has(two.deviceId)).toBe(false);
    expect(world.bucket.entries.size).toBe(2);
    world.bucket.ageMs = 120_000;
    expect(await repairBucket(world.deps)).toBe(1);
    expect(await repairBucket(world.deps)).toBe(0);
  });
});
