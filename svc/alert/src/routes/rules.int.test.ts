import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { backtest, createRule, deleteRule, listRules, putRule } from "@episante/contracts/rule";
import { newId } from "@episante/service/ids";
import { adminActor, doctorActor } from "@episante/testkit/actors";
import { expectProblem } from "@episante/testkit/refusals";
import { makeWorld, run, start, type World } from "../../test/world.ts";

let world: World;
let asked: { query?: Record<string, string>; token?: string } = {};
beforeAll(async () => {
  world = await makeWorld({
    callInternal: (async (_: unknown, options: typeof asked) => {
      asked = options;
      return {
        items: [{ patientId: world.patientId, samples: run(0, 60, 85).map(([t, value]) => [start + t * 1000, value, start + t * 1000]) }],
      };
    }) as never,
  });
});
afterAll(() => world.close());

const rule = {
  kind: "threshold",
  code: "8867-4",
  op: ">",
  value: 130,
  unit: "/min",
  holdSeconds: 10,
  clear: { value: 120, seconds: 10 },
  gapSeconds: 60,
  severity: "warning",
} as const;
const body = { name: "Tachycardia", scope: { kind: "clinic" }, rule };
const beats = (samples: [number, number][], receivedT = samples.at(-1)?.[0] ?? 0) =>
  world.frame([], {
    receivedAtMs: start + receivedT * 1000,
    readings: samples.map(([t, value]) => ["8867-4", "heart-rate", value, start + t * 1000]),
  });
const alertsOf = async (ruleId: string) => (await world.alerts()).filter((alert) => alert.rule_id === ruleId);

describe("rules", () => {
  test("a new version judges what is received from then on; a retired rule judges nothing, its open alert stays", async () => {
    const created = await world.api.call(createRule, { actor: world.doctor, body });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ version: 1, clinicId: world.clinicId, enabled: true, changedBy: world.doctor.accountId });
    const id = created.json.id as string;
    await world.evaluate([beats(run(0, 20, 125))]);
    expect(await alertsOf(id)).toHaveLength(0);
    world.clock.set(start + 100_000);
    const stricter = { ...body, rule: { ...rule, value: 110, clear: { value: 100, seconds: 10 } } };
    expect((await world.api.call(putRule, { actor: world.doctor, params: { id }, body: stricter })).json.version).toBe(2);
    await world.evaluate([beats(run(100, 120, 125))]);
    expect((await alertsOf(id)).map((alert) => [alert.rule_version, alert.threshold, alert.status])).toEqual([[2, 110, "open"]]);
    world.clock.set(start + 200_000);
    expect((await world.api.call(deleteRule, { actor: world.doctor, params: { id } })).status).toBe(204);
    await world.evaluate([beats(run(200, 300, 80))]);
    expect((await alertsOf(id)).map((alert) => alert.status)).toEqual(["open"]);
    const list = await world.api.call(listRules, { actor: world.doctor });
    expect(list.json.items.map((item: { id: string }) => item.id)).toEqual([...world.ruleIds]);
    expectProblem(await world.api.call(putRule, { actor: world.doctor, params: { id }, body: stricter }), 404, "not-found");
  });
  test("a patient's own rule concerns that patient, and is shown to who treats them", async () => {
    const other = newId("pat", start);
    const created = await world.api.call(createRule, {
      actor: world.doctor,
      body: { ...body, scope: { kind: "patient", id: world.patientId } },
    });
    expect(created.status).toBe(201);
    await world.evaluate([{ ...beats(run(1000, 1020, 150)), patientId: other, deviceId: "dev_o" }, beats(run(1000, 1020, 150))]);
    expect((await alertsOf(created.json.id)).map((alert) => alert.patient_id)).toEqual([world.patientId]);
    const seen = async (actor: Parameters<typeof world.api.call>[1]) => (await world.api.call(listRules, actor)).json.items.length;
    expect(await seen({ actor: world.doctor })).toBe(world.ruleIds.length + 1);
    expect(await seen({ actor: adminActor(world.clinicId) })).toBe(world.ruleIds.length);
    expect(await seen({ actor: doctorActor({ clinicId: world.clinicId }) })).toBe(world.ruleIds.length);
    expect(await seen({ actor: doctorActor() })).toBe(0);
  });
  test("wrong rules are refused with the reason", async () => {
    const make = (change: object, scope: object = { kind: "clinic" }) =>
      world.api.call(createRule, { actor: world.doctor, body: { ...body, scope, rule: { ...rule, ...change } } });
    expectProblem(await make({ code: "1-1" }), 422, "unknown-code");
    expectProblem(await make({ unit: "kg" }), 422, "unknown-unit");
    expectProblem(await make({ clear: { value: 140, seconds: 0 } }), 422, "invalid-input");
    expectProblem(await make({ holdSeconds: -1 }), 422, "invalid-input");
    expectProblem(await make({}, { kind: "patient" }), 422, "invalid-input");
    expectProblem(await make({}, { kind: "patient", id: newId("pat", 1) }), 404, "not-found");
    expectProblem(await make({}, { kind: "clinic", id: newId("cli", 1) }), 404, "not-found");
    const params = { id: world.ruleId };
    expectProblem(await world.api.call(putRule, { actor: world.doctor, params, body }), 422, "invalid-input");
  });
  test("another clinic's rule does not exist for a stranger", async () => {
    const params = { id: world.ruleId };
    expectProblem(await world.api.call(putRule, { actor: doctorActor(), params, body }), 404, "not-found");
    expectProblem(await world.api.call(deleteRule, { actor: doctorActor(), params }), 404, "not-found");
  });
});

describe("backtest", () => {
  const at = (t: number) => new Date(start + t * 1000).toISOString();
  const spo2 = { ...rule, code: "59408-5", op: "<", value: 90, unit: "%", holdSeconds: 30, clear: { value: 92, seconds: 30 } } as const;
  test("inline series: any name as patient, null is no sample, ungated unless asked", async () => {
    const samples = (value: number | null) => run(0, 60, 0).map(([t]) => [at(t), value]);
    const call = async (value: number | null, gates = false) =>
      (
        await world.api.call(backtest, {
          actor: world.doctor,
          body: { rule: spo2, gates, series: [{ patientId: "bed 7", code: "59408-5", unit: "%", samples: samples(value) }] },
        })
      ).json;
    const alert = { patientId: "bed 7", onsetAt: at(0), firedAt: at(30), severity: "warning" };
    const counted = { perDay: [{ day: "2026-01-15", draft: 1 }], perPatient: [{ patientId: "bed 7", draft: 1 }] };
    expect(await call(40)).toEqual({ alerts: [alert], perPatientDay: 1, ...counted });
    expect((await call(40, true)).alerts).toEqual([]);
    expect((await call(null)).alerts).toEqual([]);
  });
  test("stored history is asked of ingest with the caller's own token", async () => {
    const answer = await world.api.call(backtest, {
      actor: world.doctor,
      body: { rule: spo2, from: at(0), to: at(86_400), patientIds: [world.patientId] },
    });
    const alert = { patientId: world.patientId, onsetAt: at(0), firedAt: at(30), severity: "warning" };
    expect(answer.json).toMatchObject({ alerts: [alert], perPatientDay: 1 });
    expect(asked.query).toEqual({ signal: "spo2", from: at(0), to: at(86_400), patientIds: world.patientId });
    expect(await world.api.verifier.verify(asked.token ?? "")).toEqual(world.doctor);
  });
  test("live and backtest agree on the same samples", async () => {
    const fresh = await makeWorld();
    const samples = [...run(0, 50, 95), ...run(51, 120, 87), ...run(121, 160, 91), ...run(161, 220, 94), ...run(300, 400, 80)];
    for (const sample of samples) await fresh.evaluate([fresh.frame([sample])]);
    const live = (await fresh.alerts()).map((row) =>
      [row.onset_at, row.fired_at, row.cleared_at].map((value) => (value ? (value as Date).toISOString() : undefined)),
    );
    const { json } = await fresh.api.call(backtest, {
      actor: fresh.doctor,
      body: {
        rule: { ...spo2, severity: "critical" },
        series: [{ patientId: "x", code: "59408-5", unit: "%", samples: samples.map(([t, value]) => [at(t), value]) }],
      },
    });
    expect(
      json.alerts.map((alert: { onsetAt: string; firedAt: string; clearedAt?: string }) => [alert.onsetAt, alert.firedAt, alert.clearedAt]),
    ).toEqual(live);
    expect(live).toHaveLength(2);
    await fresh.close();
  });
  test("against the live rule: on what the reader was given, both decide the same; a stricter draft shows what differs", async () => {
    const samples = [...run(0, 50, 95), ...run(51, 120, 87), ...run(121, 160, 91), ...run(161, 220, 94), ...run(300, 400, 91)];
    const stored = samples.map(([t, value]) => [start + t * 1000, value, start + t * 1000]);
    const fresh = await makeWorld({ callInternal: (async () => ({ items: [{ patientId: fresh.patientId, samples: stored }] })) as never });
    for (let from = 0; from < samples.length; from += 7) await fresh.evaluate([fresh.frame(samples.slice(from, from + 7))]);
    const iso = (value: unknown) => (value ? (value as Date).toISOString() : undefined);
    const live = (await fresh.alerts()).map((row) => ({
      ...{ patientId: row.patient_id, onsetAt: iso(row.onset_at), firedAt: iso(row.fired_at), clearedAt: iso(row.cleared_at) },
      severity: row.severity,
    }));
    const call = async (draft: object) =>
      fresh.api.call(backtest, {
        actor: fresh.doctor,
        body: { rule: draft, from: at(0), to: at(86_400), against: fresh.ruleId, zone: "Pacific/Kiritimati" },
      });
    const [current] = (await fresh.api.call(listRules, { actor: fresh.doctor })).json.items.filter(
      (one: { id: string }) => one.id === fresh.ruleId,
    );
    const same = (await call(current.rule)).json;
    expect(live).toHaveLength(1);
    expect(same.alerts).toEqual(live);
    expect(same.diff).toEqual({ onlyDraft: [], onlyLive: [], both: 1 });
    const stricter = (await call({ ...current.rule, value: 92, clear: { value: 92, seconds: 30 } })).json;
    expect(stricter.diff.both).toBe(1);
    expect(stricter.diff.onlyDraft.map(({ onsetAt }: { onsetAt: string }) => onsetAt)).toEqual([at(300)]);
    // 08:00Z is 22:00 of the same day there.
    expect(stricter.perDay).toEqual([{ day: "2026-01-15", draft: 2, live: 1 }]);
    expect(stricter.perPatient).toEqual([{ patientId: fresh.patientId, draft: 2, live: 1 }]);
    const milder = (await call({ ...current.rule, value: 80 })).json;
    expect(milder.diff).toEqual({ onlyDraft: [], onlyLive: live, both: 0 });
    expectProblem(await call({ ...rule }), 422, "invalid-input");
    await fresh.close();
  });
  test("a rule of another clinic, or of a patient one does not treat, is none to compare with", async () => {
    const own = { name: "own", scope: { kind: "patient", id: world.patientId }, rule: spo2 } as const;
    const { json: created } = await world.api.call(createRule, { actor: world.doctor, body: own });
    const body = { rule: spo2, series: [], against: created.id };
    expectProblem(await world.api.call(backtest, { actor: doctorActor(), body }), 404, "not-found");
    expectProblem(await world.api.call(backtest, { actor: doctorActor({ clinicId: world.clinicId }), body }), 404, "not-found");
    expect((await world.api.call(backtest, { actor: world.doctor, body })).json.diff).toEqual({ onlyDraft: [], onlyLive: [], both: 0 });
  });
  test("what cannot be run is refused", async () => {
    const call = (more: object) => world.api.call(backtest, { actor: world.doctor, body: { rule: spo2, ...more } });
    expectProblem(await call({}), 422, "invalid-input");
    expectProblem(await call({ series: [{ patientId: "x", code: "9-9", unit: "%", samples: [] }] }), 422, "unknown-code");
    expectProblem(await call({ series: [{ patientId: "x", code: "59408-5", unit: "kg", samples: [] }] }), 422, "unknown-unit");
    expectProblem(await call({ series: [{ patientId: "x", code: "59408-5", unit: "%", samples: [[at(0), "88"]] }] }), 422, "invalid-input");
  });
});
