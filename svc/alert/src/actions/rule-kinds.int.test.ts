import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { listAlerts } from "@episante/contracts/alert";
import type { Frame } from "@episante/contracts/envelope";
import { backtest, createRule, putRule } from "@episante/contracts/rule";
import { type Signal, signalOf, signals, wordsOf } from "@episante/contracts/signals";
import { newId } from "@episante/service/ids";
import { expectProblem } from "@episante/testkit/refusals";
import { makeWorld, start, type World } from "../../test/world.ts";

let world: World;
/** What was sent, as svc/ingest would give it for a backtest over stored history. */
let stored: { signal: Signal; at: number; value: number }[] = [];
beforeAll(async () => {
  world = await makeWorld({
    callInternal: (async (_: unknown, { query }: { query: { signal: string } }) => {
      const samples = stored.filter(({ signal }) => signal === query.signal).map(({ at, value }) => [at, value, at]);
      return { items: samples.length > 0 ? [{ patientId: world.patientId, samples }] : [] };
    }) as never,
  });
});
afterAll(() => world.close());

type Reading = readonly [t: number, code: string, value: number];
function frameOf(readings: readonly Reading[]): Frame {
  return world.frame([], {
    receivedAtMs: start + Math.max(...readings.map(([t]) => t)) * 1000,
    readings: readings.map(([t, code, value]) => [code, signalOf(code) ?? "spo2", value, start + t * 1000]),
  });
}
const at = (t: number) => new Date(start + t * 1000).toISOString();
const setAt = (t: number, set: Record<string, number>): Reading[] => Object.entries(set).map(([code, value]) => [t, code, value]);
const well = { "9279-1": 16, "59408-5": 97, "3151-8": 0, "8480-6": 120, "8889-8": 75, "67775-7": 0, "8310-5": 37 };

const cgm = [150, 138, 126, 114, 113, 113, 113, 113, 113].map((value, index): Reading => [index * 300, "99504-3", value]);
let seed = 7;
const random = () => {
  seed = (seed * 48271) % 2147483647;
  return seed / 2147483647;
};
let beat = 0;
const rhythm = Array.from({ length: 900 }, (_, index): Reading => {
  const spread = index < 500 ? 280 : 20;
  const interval = Math.round(750 + spread * (random() + random() - 1));
  beat += interval / 1000;
  return [beat, "8637-1", interval];
});
const cases: [string, Record<string, unknown>, (readonly Reading[])[]][] = [
  ["rate", { kind: "rate", code: "99504-3", op: "<=", value: -2, unit: "mg/dL" }, cgm.map((one) => [one])],
  ["predict", { kind: "predict", code: "99504-3", op: "<", value: 70, unit: "mg/dL" }, cgm.map((one) => [one])],
  [
    "news2",
    { kind: "news2" },
    [setAt(0, well), setAt(60, { ...well, "9279-1": 25 }), setAt(120, { "59408-5": 90, "8889-8": 131 }), setAt(300, well)],
  ],
  ["irregular-rhythm", { kind: "irregular-rhythm" }, Array.from({ length: 30 }, (_, index) => rhythm.slice(30 * index, 30 * index + 30))],
];

describe("a rule kind decides the same live, from its tables after each frame, and in a backtest", () => {
  test.each(cases)("%s", async (kind, rule, frames) => {
    const scope = { kind: "patient", id: world.patientId };
    const created = await world.api.call(createRule, { actor: world.doctor, body: { name: kind, scope, rule } });
    expect(created.status).toBe(201);
    for (const frame of frames) {
      world.deps.engine.forget(0);
      await world.evaluate([frameOf(frame)]);
    }
    const listed = await world.api.call(listAlerts, { actor: world.doctor, query: { patientId: world.patientId } });
    const live = listed.json.items.filter((alert: { rule: { id: string } }) => alert.rule.id === created.json.id);
    expect(live).toHaveLength(1);
    expect(live[0]).toMatchObject({ status: "resolved", rule: { kind }, explanation: { finding: { kind } } });

    const readings = frames.flat();
    const codes = [...new Set(readings.map(([, code]) => code))];
    const series = codes.map((code) => {
      const signal = signalOf(code) ?? "spo2";
      const own = readings.filter(([, other]) => other === code);
      const words = wordsOf(signal);
      const samples = own.map(([t, , value]) => [at(t), kind === "news2" && signals[signal].unit === "1" ? words[value] : value]);
      return { patientId: "bed 7", code, unit: signals[signal].unit, samples };
    });
    const times = ({ onsetAt, firedAt, clearedAt }: Record<string, unknown>) => [onsetAt, firedAt, clearedAt];
    const inline = await world.api.call(backtest, { actor: world.doctor, body: { rule, series } });
    expect(inline.json.alerts.map(times)).toEqual(live.map(times));
    stored = readings.map(([t, code, value]) => ({ signal: signalOf(code) ?? "spo2", at: start + t * 1000, value }));
    const history = await world.api.call(backtest, { actor: world.doctor, body: { rule, from: at(0), to: at(86_400) } });
    expect(history.json.alerts.map(times)).toEqual(live.map(times));
    const params = { id: created.json.id };
    const threshold = {
      kind: "threshold",
      code: "59408-5",
      op: "<",
      value: 90,
      unit: "%",
      holdSeconds: 30,
      gapSeconds: 60,
      severity: "critical",
    };
    expectProblem(
      await world.api.call(putRule, { actor: world.doctor, params, body: { name: kind, scope, rule: threshold } }),
      422,
      "invalid-input",
    );
  });
  test("NEWS2 gets worse within one alert, told again, with its history; incomplete, it says so", async () => {
    const fresh = await makeWorld();
    const created = await fresh.api.call(createRule, {
      actor: fresh.doctor,
      body: { name: "NEWS2", scope: { kind: "clinic" }, rule: { kind: "news2" } },
    });
    const send = async (t: number, set: Record<string, number>) =>
      fresh.evaluate([{ ...frameOf(setAt(t, set)), patientId: fresh.patientId, clinicId: fresh.clinicId }]);
    await send(0, { "9279-1": 25 });
    await send(60, { "59408-5": 97, "8889-8": 131 });
    const listed = await fresh.api.call(listAlerts, { actor: fresh.doctor, query: { patientId: fresh.patientId } });
    expect(listed.json.items).toHaveLength(1);
    expect(listed.json.items[0]).toMatchObject({
      severity: "warning",
      partial: true,
      value: 6,
      unit: "{score}",
      rule: { id: created.json.id },
      explanation: { finding: { score: 6, band: "medium", missing: ["oxygen", "systolic", "consciousness", "temperature"] } },
    });
    expect(listed.json.items[0].history.map(({ action }: { action: string }) => action)).toEqual(["raised", "worsened"]);
    const events = await fresh.database.owner`select type from outbox where type like 'alert.%' order by seq`;
    expect(events.map((row) => row.type)).toEqual(["alert.raised", "alert.raised"]);
    await fresh.close();
  });
  test("a patient's own NEWS2 stands in place of the clinic's from its publication on", async () => {
    const fresh = await makeWorld();
    const create = (scope: object, spo2Scale: number) =>
      fresh.api.call(createRule, { actor: fresh.doctor, body: { name: "NEWS2", scope, rule: { kind: "news2", spo2Scale } } });
    await create({ kind: "clinic" }, 1);
    const own = await create({ kind: "patient", id: fresh.patientId }, 2);
    const send = (t: number, patientId: string, set: Record<string, number>) =>
      fresh.evaluate([{ ...frameOf(setAt(t, set)), patientId, clinicId: fresh.clinicId }]);
    const other = newId("pat", start);
    for (const patientId of [fresh.patientId, other]) await send(10, patientId, { ...well, "59408-5": 90 });
    expect((await fresh.alerts()).map((row) => row.patient_id)).toEqual([other]);
    await send(20, fresh.patientId, { ...well, "59408-5": 83 });
    const alerts = (await fresh.alerts()).filter((row) => row.patient_id === fresh.patientId && row.rule_kind === "news2");
    expect(alerts.map((row) => row.rule_id)).toEqual([own.json.id]);
    await fresh.close();
  });
  test("what a kind cannot be is refused with the reason", async () => {
    const make = (rule: object) =>
      world.api.call(createRule, { actor: world.doctor, body: { name: "x", scope: { kind: "clinic" }, rule } });
    const rate = { kind: "rate", code: "99504-3", op: "<=", value: -2, unit: "mg/dL" };
    expectProblem(await make({ ...rate, code: "9-9" }), 422, "unknown-code");
    expectProblem(await make({ ...rate, unit: "kg" }), 422, "unknown-unit");
    expectProblem(await make({ ...rate, clear: { value: -3, seconds: 0 } }), 422, "invalid-input");
    expectProblem(await make({ kind: "news2", spo2Scale: 3 }), 422, "invalid-input");
    expectProblem(await make({ kind: "irregular-rhythm", votes: 5, of: 4 }), 422, "invalid-input");
    expectProblem(await make({ kind: "guess" }), 422, "invalid-input");
    const series = [{ patientId: "x", code: "67775-7", unit: "1", samples: [[at(0), "sleepy"]] }];
    expectProblem(await world.api.call(backtest, { actor: world.doctor, body: { rule: { kind: "news2" }, series } }), 422, "invalid-input");
  });
});
