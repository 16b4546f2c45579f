import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import * as device from "@episante/contracts/device";
import * as reading from "@episante/contracts/reading";
import { newId } from "@episante/service/ids";
import { adminActor, doctorActor, patientActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { makeWorld, start, type World } from "../../test/world.ts";

let world: World;
let id: string;
let pairingId: string;
beforeAll(async () => {
  world = await makeWorld();
  const { json } = await world.api.call(device.createPairing, { actor: world.doctor, body: { patientId: world.patientId } });
  pairingId = json.id;
  id = (await world.api.call(device.pair, { body: { code: json.code, model: "m", serial: "s" } })).json.deviceId;
});
afterAll(() => world.close());

const period = { from: "2026-01-15T00:00:00Z", to: "2026-01-16T00:00:00Z" };
describe("refusals every endpoint gives", () => {
  const world_ = async (accepted: object) => ({ harness: world.api, accepted: { actor: world.doctor, ...accepted } });
  refusals(device.createPairing, () => world_({ body: { patientId: world.patientId } }));
  refusals(device.getPairing, () => world_({ params: { id: pairingId } }));
  refusals(device.pair, async () => ({
    harness: world.api,
    accepted: { body: { code: "AAAA2222", model: "m", serial: "s" }, headers: { "x-real-ip": newId("acc", 1) } },
  }));
  refusals(device.listDevices, () => world_({}));
  refusals(device.rotateDevice, () => world_({ params: { id } }));
  refusals(device.revokeDevice, () => world_({ params: { id: newId("dev", 1) } }));
  refusals(reading.listReadings, () => world_({ query: { patientId: world.patientId, code: "59408-5", ...period } }));
  refusals(reading.latestReadings, () => world_({ query: { patientId: world.patientId } }));
  for (const endpoint of [reading.reconciliation, reading.orderReconciliation])
    refusals(endpoint, async () => ({ harness: world.api, accepted: { actor: adminActor() } }));
  refusals(reading.readingRange, () => world_({ query: { signal: "spo2", ...period } }));
});

describe("whose patient it is", () => {
  const colleague = () => doctorActor({ clinicId: world.clinicId });
  const calls = (patientId: string) =>
    [
      [device.createPairing, { body: { patientId } }],
      [device.listDevices, { query: { patientId } }],
      [reading.listReadings, { query: { patientId, code: "59408-5", ...period } }],
      [reading.latestReadings, { query: { patientId } }],
    ] as const;
  test("a stranger's patient and an unknown one answer alike", async () => {
    for (const actor of [doctorActor(), patientActor()]) {
      for (const patientId of [world.patientId, newId("pat", start)]) {
        for (const [endpoint, options] of calls(patientId))
          expectProblem(await world.api.call(endpoint, { actor, ...options }), 404, "not-found");
      }
    }
  });
  test("a colleague without a relationship is told so", async () => {
    for (const [endpoint, options] of calls(world.patientId)) {
      expectProblem(await world.api.call(endpoint, { actor: colleague(), ...options }), 403, "care-relationship-required");
    }
  });
  test("a stranger's device and an unknown one answer alike, and nothing changes", async () => {
    const before = world.bucket.entries.get(id);
    for (const actor of [doctorActor(), patientActor(), colleague()]) {
      for (const deviceId of [id, newId("dev", start), "dev_1"]) {
        expectProblem(await world.api.call(device.rotateDevice, { actor, params: { id: deviceId } }), 404, "not-found");
        expectProblem(await world.api.call(device.revokeDevice, { actor, params: { id: deviceId } }), 404, "not-found");
      }
    }
    expect(world.bucket.entries.get(id)).toBe(before ?? "");
  });
  test("a stale mirror refuses doctors, not the patient themselves", async () => {
    world.mirror.isFresh = false;
    for (const [endpoint, options] of calls(world.patientId))
      expectProblem(await world.api.call(endpoint, { actor: world.doctor, ...options }), 503, "mirror-stale");
    expectProblem(
      await world.api.call(reading.readingRange, { actor: world.doctor, query: { signal: "spo2", ...period } }),
      503,
      "mirror-stale",
    );
    expect(
      (await world.api.call(reading.latestReadings, { actor: patientActor(world.patientId), query: { patientId: world.patientId } }))
        .status,
    ).toBe(200);
    world.mirror.isFresh = true;
  });
});
