import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Frame } from "@episante/contracts/envelope";
import { latestReadings, listReadings, readingRange } from "@episante/contracts/reading";
import { newId } from "@episante/service/ids";
import { patientActor } from "@episante/testkit/actors";
import { expectProblem } from "@episante/testkit/refusals";
import { makeWorld, start, type World } from "../../test/world.ts";

let world: World;
const at = (t: number) => new Date(start + t * 1000).toISOString();
beforeAll(async () => {
  world = await makeWorld();
  const samples = Array.from({ length: 3600 }, (_, t): [number, number] => [t, 90 + (t % 10)]);
  for (let from = 0; from < samples.length; from += 600) await world.store([world.frame(samples.slice(from, from + 600))]);
  await world.store([
    world.frame([], {
      readings: [
        ["59408-5", "spo2", 0, start + 30_500, "implausible"],
        ["8867-4", "heart-rate", 71, start + 5_000],
      ],
      receivedAtMs: start + 3600_000,
    }),
  ]);
  // A late correction: roll-ups must follow.
  await world.store([world.frame([[61, 50]], { receivedAtMs: start + 4000_000 })]);
});
afterAll(() => world.close());
const query = (more: object = {}) => ({ patientId: world.patientId, code: "59408-5", from: at(0), to: at(3600), ...more });

describe("time series", () => {
  test("raw: in time order, corrected, the implausible marked", async () => {
    const answer = await world.api.call(listReadings, { actor: world.doctor, query: query({ to: at(120) }) });
    expect(answer.status).toBe(200);
    expect(answer.json.unit).toBe("%");
    expect(answer.json.items).toHaveLength(121);
    expect(answer.json.items[0]).toEqual({ at: at(0), value: 90 });
    expect(answer.json.items.find((item: { flag?: string }) => item.flag)).toEqual({ at: at(30.5), value: 0, flag: "implausible" });
    expect(answer.json.items.filter((item: { at: string }) => item.at === at(61))).toEqual([{ at: at(61), value: 50 }]);
  });
  test("versions: a corrected reading stands with all it was, who sent it when, and which one counts; only of raw readings", async () => {
    const read = (more: object) => world.api.call(listReadings, { actor: world.doctor, query: query({ versions: "true", ...more }) });
    const answer = await read({ from: at(60), to: at(62) });
    expect(answer.status).toBe(200);
    const of = { code: "59408-5", deviceId: "dev_0123456789abcdef0123456789abcdef", boot: "b1" };
    const sent = at(599);
    expect(answer.json.items).toEqual([
      { at: at(60), value: 90, ...of, version: 1, receivedAt: sent, seq: 0 },
      { at: at(61), value: 91, ...of, version: 1, superseded: true, receivedAt: sent, seq: 0 },
      { at: at(61), value: 50, ...of, version: 2, receivedAt: at(4000), seq: 7 },
    ]);
    expectProblem(await read({ resolution: "1m" }), 422, "invalid-input");
    expectProblem(await read({ versions: "yes" }), 422, "invalid-input");
  });
  test("another code of the signal gives the same readings", async () => {
    const answer = await world.api.call(listReadings, {
      actor: patientActor(world.patientId),
      query: query({ code: "2708-6", to: at(10) }),
    });
    expect(answer.json.items).toHaveLength(10);
  });
  test("roll-ups are those of the current rows, without implausible ones", async () => {
    const minutes = await world.api.call(listReadings, { actor: world.doctor, query: query({ resolution: "1m" }) });
    expect(minutes.json.items).toHaveLength(60);
    expect(minutes.json.items[0]).toEqual({ at: at(0), min: 90, max: 99, mean: 94.5, n: 60 });
    expect(minutes.json.items[1]).toMatchObject({ at: at(60), min: 50, max: 99, n: 60 });
    const hours = await world.api.call(listReadings, { actor: world.doctor, query: query({ resolution: "1h" }) });
    expect(hours.json.items).toHaveLength(1);
    expect(hours.json.items[0]).toMatchObject({ at: at(0), n: 3600 });
  });
  test("roll-ups of any period are answered up to 90,000 rows; a step that begins before the period is in it whole", async () => {
    const patientId = newId("pat", start);
    await world.relate(world.doctor.memberships[0]?.doctorId ?? newId("doc", 1), patientId);
    await world.database.owner`
      insert into rollups (patient_id, signal, step, at, min, max, sum, n)
      select ${patientId}, 'spo2', 60, timestamptz '2025-01-15 08:00Z' + i * interval '1 minute', 90, 99, 570, 6 from generate_series(0, 90000) i`;
    await world.database.owner`
      insert into rollups (patient_id, signal, step, at, min, max, sum, n)
      select ${patientId}, 'spo2', 3600, timestamptz '2025-01-15 08:00Z' + i * interval '1 hour', 90, 99, 34200, 360 from generate_series(0, 8759) i`;
    const call = (more: object) => world.api.call(listReadings, { actor: world.doctor, query: query({ patientId, ...more }) });
    const year = await call({ from: "2025-01-15T08:30:00Z", to: "2026-01-15T08:00:00Z", resolution: "1h" });
    expect(year.json.items).toHaveLength(8760);
    expect(year.json.items[0]).toEqual({ at: "2025-01-15T08:00:00.000Z", min: 90, max: 99, mean: 95, n: 360 });
    expectProblem(await call({ from: "2025-01-15T08:00:00Z", to: at(0), resolution: "1m" }), 422, "invalid-input");
    expect((await call({ from: "2025-01-15T08:01:00Z", to: at(0), resolution: "1m" })).json.items).toHaveLength(90_000);
    expect((await call({ from: "0001-01-01T00:00:00Z", to: "9999-12-31T23:59:59Z", resolution: "1h" })).json.items).toHaveLength(8760);
    expect((await call({ from: "0001-01-01T00:00:00Z", to: "0001-02-01T00:00:00Z", resolution: "1h" })).json.items).toEqual([]);
  });
  test("words are told as words, raw and latest; roll-ups are of their numbers; a sensor's fault is marked and in no roll-up", async () => {
    const patientId = newId("pat", start);
    await world.relate(world.doctor.memberships[0]?.doctorId ?? newId("doc", 1), patientId);
    const readings: Frame["readings"] = [
      ["67775-7", "responsiveness", 0, start],
      ["67775-7", "responsiveness", 3, start + 1_000],
      ["3151-8", "inhaled-oxygen", 1, start],
      ["99504-3", "interstitial-glucose", 39, start],
      ["99504-3", "interstitial-glucose", 120, start + 1_000],
      ["99504-3", "interstitial-glucose", 10, start + 2_000, "sensor-fault"],
    ];
    await world.store([world.frame([], { patientId, readings })]);
    const read = async (code: string, resolution: "raw" | "1m") => {
      const answer = await world.api.call(listReadings, { actor: world.doctor, query: query({ patientId, code, resolution }) });
      return answer.json.items;
    };
    expect(await read("80288-4", "raw")).toEqual([
      { at: at(0), value: "A" },
      { at: at(1), value: "P" },
    ]);
    expect(await read("67775-7", "1m")).toEqual([{ at: at(0), min: 0, max: 3, mean: 1.5, n: 2 }]);
    expect(await read("99504-3", "raw")).toEqual([
      { at: at(0), value: "LO" },
      { at: at(1), value: 120 },
      { at: at(2), value: 10, flag: "sensor-fault" },
    ]);
    expect(await read("99504-3", "1m")).toMatchObject([{ min: 39, max: 120, n: 2 }]);
    const latest = await world.api.call(latestReadings, { actor: world.doctor, query: { patientId } });
    const told = latest.json.items.map(({ signal, value, flag }: { signal: string; value: unknown; flag?: string }) => [
      signal,
      value,
      flag,
    ]);
    expect(told).toEqual([
      ["inhaled-oxygen", "o2", undefined],
      ["interstitial-glucose", 10, "sensor-fault"],
      ["responsiveness", "P", undefined],
    ]);
  });
  test("latest: one per signal", async () => {
    const answer = await world.api.call(latestReadings, { actor: world.doctor, query: { patientId: world.patientId } });
    expect(answer.json.items.map((item: { signal: string; value: number; unit: string }) => [item.signal, item.value, item.unit])).toEqual([
      ["heart-rate", 71, "/min"],
      ["spo2", 99, "%"],
    ]);
  });
  test("range for a backtest: canonical samples with receive times, only of treated patients", async () => {
    const stranger = newId("pat", start);
    await world.store([world.frame([[0, 80]], { patientId: stranger, deviceId: "dev_x" })]);
    const all = await world.api.call(readingRange, { actor: world.doctor, query: { signal: "spo2", from: at(0), to: at(70) } });
    expect(all.json.items.map((item: { patientId: string }) => item.patientId)).toEqual([world.patientId]);
    expect(all.json.items[0].samples).toHaveLength(70);
    expect(all.json.items[0].samples[61]).toEqual([start + 61_000, 50, start + 4000_000]);
    const asked = await world.api.call(readingRange, {
      actor: world.doctor,
      query: { signal: "spo2", from: at(0), to: at(70), patientIds: stranger },
    });
    expect(asked.json.items).toEqual([]);
  });
  test("periods that cannot be answered are refused with the way out", async () => {
    expectProblem(await world.api.call(listReadings, { actor: world.doctor, query: query({ code: "1-1" }) }), 422, "unknown-code");
    expectProblem(await world.api.call(listReadings, { actor: world.doctor, query: query({ to: at(-1) }) }), 422, "invalid-input");
    const tooLong = await world.api.call(listReadings, { actor: world.doctor, query: query({ to: at(400 * 86_400) }) });
    expectProblem(tooLong, 422, "invalid-input");
    expect(tooLong.json.detail).toBe("longer than 366 days");
    expectProblem(await world.api.call(listReadings, { actor: world.doctor, query: query({ resolution: "1d" }) }), 422, "invalid-input");
  });
});
