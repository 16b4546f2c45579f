import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { commentAlert, listAlerts } from "@episante/contracts/alert";
import type { Frame } from "@episante/contracts/envelope";
import { backtest, createRule } from "@episante/contracts/rule";
import { expectProblem } from "@episante/testkit/refusals";
import { makeWorld, openAlert, start, type World } from "../../test/world.ts";
import { tellStale } from "./tell-stale.ts";

let world: World;
const worlds: World[] = [];
beforeEach(async () => {
  world = await makeWorld();
  worlds.push(world);
});
afterAll(async () => {
  for (const one of worlds) await one.close();
});

const at = (t: number) => new Date(start + t * 1000).toISOString();
async function rule(body: Record<string, unknown>): Promise<string> {
  const made = await world.api.call(createRule, {
    actor: world.doctor,
    body: { name: String(body.kind), scope: { kind: "clinic" }, rule: body },
  });
  expect(made.status).toBe(201);
  return made.json.id;
}
async function technical() {
  const listed = await world.api.call(listAlerts, { actor: world.doctor, query: { patientId: world.patientId } });
  return listed.json.items
    .filter((alert: { class: string }) => alert.class === "technical")
    .sort((a: { onsetAt: string }, b: { onsetAt: string }) => (a.onsetAt < b.onsetAt ? -1 : 1));
}
const times = ({ status, onsetAt, firedAt, clearedAt }: Record<string, string>) => [status, onsetAt, firedAt, clearedAt];
const raised = async () =>
  (await world.database.owner`select type from outbox where type like 'alert.%' order by seq`).map((row) => row.type);
async function clockTo(t: number, options?: { fail?: boolean }) {
  world.clock.set(start + t * 1000);
  await world.passTime(options);
}
async function send(t: number, value = 95, more: Partial<Frame> & { receivedT?: number } = {}) {
  world.clock.set(start + (more.receivedT ?? t) * 1000);
  await world.evaluate([world.frame([[t, value]], more)]);
}

describe("silence", () => {
  test("S5: fires by its deadline without a reading, once, through restarts and failures; a reading ends it; the clinical alert stays", async () => {
    await rule({ kind: "silence", timeoutSeconds: 300 });
    await world.passTime();
    for (let t = 0; t <= 600; t += 60) await send(t, t >= 60 ? 88 : 95);
    await clockTo(899);
    expect(await technical()).toEqual([]);
    await clockTo(901, { fail: true });
    world.deps.engine.forget(0);
    await clockTo(902);
    await clockTo(903);
    world.deps.engine.forget(0);
    await clockTo(1100);
    const [silent, ...others] = await technical();
    expect(others).toEqual([]);
    expect(times(silent)).toEqual(["open", at(600), at(900), undefined] as never);
    expect(silent).toMatchObject({ severity: "warning", lastReadingAt: at(600), value: 300, unit: "s" });
    expect(silent.explanation.finding).toMatchObject({ kind: "silence", since: start + 600_000 });
    await send(1200);
    expect((await technical()).map(times)).toEqual([["resolved", at(600), at(900), at(1200)]]);
    expect((await world.alerts()).filter(({ class: of, status }) => of === "clinical" && status === "open")).toHaveLength(1);
    expect(await raised()).toEqual(["alert.raised", "alert.raised", "alert.resolved"]);
  });
  test("live, found afterwards in the log, and in a backtest: the same episodes", async () => {
    await rule({ kind: "silence", timeoutSeconds: 300, code: "59408-5" });
    const sent = [0, 60, 120, 600, 601, 604, 610, 1500];
    for (const t of sent) await send(t);
    const expected = [
      ["resolved", at(120), at(420), at(600)],
      ["resolved", at(610), at(910), at(1500)],
    ];
    expect((await technical()).map(times)).toEqual(expected);
    const series = [{ patientId: "x", code: "59408-5", unit: "%", samples: sent.map((t) => [at(t), 95]) }];
    const tried = await world.api.call(backtest, {
      actor: world.doctor,
      body: { rule: { kind: "silence", timeoutSeconds: 300, code: "59408-5" }, series, to: at(2000) },
    });
    expect(tried.json.alerts.map(({ onsetAt, firedAt, clearedAt }: Record<string, string>) => [onsetAt, firedAt, clearedAt])).toEqual([
      ...expected.map(([, ...rest]) => rest),
      [at(1500), at(1800), undefined],
    ]);
    await clockTo(1801);
    expect((await technical()).map(times)).toEqual([...expected, ["open", at(1500), at(1800), undefined]]);
  });
  test("of a recording of earlier times only its own holes are silence, not its end", async () => {
    await rule({ kind: "silence", timeoutSeconds: 300 });
    world.clock.set(start + 86_400_000);
    await world.passTime();
    for (const t of [0, 100, 500]) await world.evaluate([world.frame([[t, 95]], { kind: "replay" })]);
    await clockTo(87_000);
    expect((await technical()).map(times)).toEqual([["resolved", at(100), at(400), at(500)]]);
  });
  test("what never sent is not silent; a rule that is switched off waits for nothing", async () => {
    const id = await rule({ kind: "silence", timeoutSeconds: 300 });
    await clockTo(10_000);
    expect(await technical()).toEqual([]);
    await send(10_000);
    await world.database.owner`update rule_versions set enabled = false where rule_id = ${id}`;
    await world.database.owner`update rule_epoch set epoch = epoch + 1`;
    await clockTo(10_400);
    await clockTo(10_401);
    expect(await technical()).toEqual([]);
    expect(world.deps.engine.timersDue(0, start + 20_000_000)).toEqual([]);
  });
  test("closed by hand, it is raised again only after something was received", async () => {
    await rule({ kind: "silence", timeoutSeconds: 300 });
    await send(0);
    await clockTo(301);
    const [alert] = await technical();
    await world.database.owner`update alerts set status = 'resolved', cleared_at = now(), closed_by_hand_at = now() where id = ${alert.id}`;
    await world.database
      .owner`insert into hand_closures (alert_id, patient_id, rule_id, at_ms) select id, patient_id, rule_id, ${start + 400_000} from alerts`;
    await clockTo(2000);
    await send(3000);
    await clockTo(3301);
    expect((await technical()).map(({ status, onsetAt }: Record<string, string>) => [status, onsetAt])).toEqual([
      ["resolved", at(0)],
      ["open", at(3000)],
    ]);
  });
});

describe("what devices say of themselves", () => {
  test("S8: a clock that is wrong is one alert, also while all its readings are refused; it ends when the clock is right", async () => {
    const none = { readings: [], refused: 1 };
    await send(0, 95, { skewMs: 20 });
    await send(3, 95, { skewMs: 400_000 });
    await send(6, 95, { skewMs: 20 });
    expect(await technical()).toEqual([]);
    for (let t = 10; t < 60; t += 10) await send(t, 95, { ...none, skewMs: 7_800_000 });
    const [skewed] = await technical();
    expect(times(skewed)).toEqual(["open", at(10), at(20), undefined] as never);
    expect(skewed).toMatchObject({ value: 7800, unit: "s", rule: { kind: "clock-skew" } });
    expect(skewed.explanation.finding.devices).toEqual([
      { deviceId: "dev_0123456789abcdef0123456789abcdef", value: 7800, since: start + 10_000 },
    ]);
    await send(70, 95, { skewMs: 0 });
    expect((await technical()).map(times)).toEqual([["resolved", at(10), at(20), at(70)]]);
    expect((await technical())[0].value).toBe(7800);
  });
  test("a battery is low until it is charged; with two devices one alert names both, and closed by hand only a new one calls", async () => {
    const [one, other] = ["dev_1", "dev_2"];
    await send(0, 95, { deviceId: one, battery: 14 });
    await send(10, 95, { deviceId: other, battery: 90 });
    await send(20, 95, { deviceId: one, battery: 19 });
    expect((await technical()).map(({ status }: { status: string }) => status)).toEqual(["open"]);
    const [alert] = await technical();
    await world.database.owner`update alerts set status = 'resolved', cleared_at = now(), closed_by_hand_at = now() where id = ${alert.id}`;
    await world.database
      .owner`insert into hand_closures (alert_id, patient_id, rule_id, at_ms) select id, patient_id, rule_id, ${start + 25_000} from alerts`;
    await send(30, 95, { deviceId: one, battery: 9 });
    expect(await technical()).toHaveLength(1);
    await send(40, 95, { deviceId: other, battery: 10 });
    const [, second] = await technical();
    expect(second).toMatchObject({ status: "open", value: 9 });
    expect(second.explanation.finding.devices.map(({ deviceId }: { deviceId: string }) => deviceId)).toEqual([other]);
    await send(50, 95, { deviceId: one, battery: 20 });
    await send(60, 95, { deviceId: other, battery: 19 });
    expect((await technical())[1].status).toBe("open");
    await send(70, 95, { deviceId: other, battery: 100 });
    expect((await technical())[1]).toMatchObject({ status: "resolved", clearedAt: at(70) });
  });
  test("not worn: after the hold, also when the device says it once and nothing more comes", async () => {
    await rule({ kind: "not-worn", holdSeconds: 600 });
    await world.passTime();
    await send(0, 95, { worn: true });
    await send(100, 95, { worn: false });
    await send(200, 95, { worn: true });
    await send(300, 95, { worn: false });
    await clockTo(901);
    expect((await technical()).map(times)).toEqual([["open", at(300), at(900), undefined]]);
    await send(1000, 95, { worn: true });
    expect((await technical()).map(times)).toEqual([["resolved", at(300), at(900), at(1000)]]);
  });
  test("frames that say nothing new are not written down", async () => {
    for (let t = 0; t < 30; t++) await send(t, 95, { skewMs: 30, battery: 80, worn: true });
    const rows = await world.database.owner`select rule_id from engine_states`;
    expect(rows.map((row) => row.rule_id)).toEqual([world.ruleId]);
  });
});

describe("what the readings show of their sensor", () => {
  test("the very same value again and again is a flat line until another comes", async () => {
    await rule({ kind: "flat-line", code: "59408-5", holdSeconds: 600 });
    const steady = Array.from({ length: 21 }, (_, index): [number, number] => [60 * index, index < 3 ? 96 + index : 97]);
    for (const [t, value] of steady) await send(t, value);
    expect((await technical()).map(times)).toEqual([["open", at(180), at(780), undefined]]);
    await send(1300, 96);
    expect((await technical()).map(times)).toEqual([["resolved", at(180), at(780), at(1300)]]);
    // Holes: a device that tells the same twice a day says nothing of its sensor.
    for (let t = 2000; t < 9000; t += 700) await send(t, 97);
    expect(await technical()).toHaveLength(1);
    const weight = { kind: "flat-line", code: "29463-7" };
    expectProblem(
      await world.api.call(createRule, { actor: world.doctor, body: { name: "x", scope: { kind: "clinic" }, rule: weight } }),
      422,
      "invalid-input",
    );
  });
  test("S11: a sensor's fault code is a technical alert at once, and no clinical one; S2: implausible values in a row are one", async () => {
    await rule({ kind: "signal-quality", code: "99504-3" });
    await rule({ kind: "signal-quality", code: "59408-5" });
    const low = {
      kind: "threshold",
      code: "99504-3",
      op: "<",
      value: 54,
      unit: "mg/dL",
      holdSeconds: 0,
      gapSeconds: 600,
      severity: "critical",
    };
    await rule(low);
    const cgm = (t: number, value: number, flag?: "sensor-fault") =>
      send(t, 95, { readings: [["99504-3", "interstitial-glucose", value, start + t * 1000, ...(flag ? [flag] : [])] as never] });
    await cgm(0, 110);
    await cgm(300, 10, "sensor-fault");
    expect((await technical()).map(times)).toEqual([["open", at(300), at(300), undefined]]);
    expect((await technical())[0].explanation.finding).toEqual({ kind: "signal-quality", reason: "sensor-fault", value: 10, count: 1 });
    await cgm(600, 100);
    const bad = (t: number, value: number) => send(t, 95, { readings: [["59408-5", "spo2", value, start + t * 1000, "implausible"]] });
    for (const [index, value] of [0, 127, 255].entries()) await bad(700 + index, value);
    await send(703, 95);
    expect((await technical()).map(times)).toEqual([
      ["resolved", at(300), at(300), at(600)],
      ["resolved", at(700), at(702), at(703)],
    ]);
    expect((await world.alerts()).filter((alert) => alert.class === "clinical")).toEqual([]);
  });
  test("S12: fewer than 24 valid beats of 64 are of insufficient quality: technical, until a window is good", async () => {
    await rule({ kind: "signal-quality", code: "8637-1" });
    await rule({ kind: "irregular-rhythm" });
    let t = 0;
    const beats = async (count: number, interval: (index: number) => number) => {
      const readings = Array.from({ length: count }, (_, index): Frame["readings"][number] => {
        t += 0.8;
        const value = interval(index);
        const from: [string, "rr-interval", number, number] = ["8637-1", "rr-interval", value, start + t * 1000];
        return value > 2500 ? [...from, "implausible"] : from;
      });
      await send(t, 95, { readings });
    };
    await beats(64, (index) => (index % 3 === 0 ? 800 : 5000));
    expect((await technical()).map(({ status }: { status: string }) => status)).toEqual(["open"]);
    await beats(64, (index) => 800 + (index % 7));
    expect((await technical()).map(({ status }: { status: string }) => status)).toEqual(["resolved"]);
    expect((await world.alerts()).filter((alert) => alert.class === "clinical")).toEqual([]);
  });
});

describe("readings that stopped", () => {
  const alerts = async () => {
    const listed = await world.api.call(listAlerts, { actor: world.doctor, query: { patientId: world.patientId } });
    return listed.json.items;
  };
  test("make an open alert stale: consoles are told once when it becomes so and once when readings come again, and nothing else happens", async () => {
    await openAlert(world);
    const cursor = async () => Number((await world.database.owner`select value from alert_cursor`)[0]?.value);
    const look = async (t: number) => {
      world.clock.set(start + t * 1000);
      await tellStale(world.deps, start + t * 1000);
      return [await cursor(), (await alerts())[0].stale ?? false];
    };
    const opened = await cursor();
    expect(await look(90)).toEqual([opened, false]);
    expect(await look(91)).toEqual([opened + 1, true]);
    expect(await look(500)).toEqual([opened + 1, true]);
    await send(500, 88);
    expect(await look(501)).toEqual([opened + 2, false]);
    expect(await look(502)).toEqual([opened + 2, false]);
    await look(600);
    const [alert] = await alerts();
    expect(alert).toMatchObject({ status: "open", stale: true });
    expect(alert.history.map(({ action }: { action: string }) => action)).toEqual(["raised"]);
    expect(await raised()).toEqual(["alert.raised"]);
  });
  test("are told again after another change has shown the alert with its readings, before anybody looked", async () => {
    const id = await openAlert(world);
    const cursor = async () => Number((await world.database.owner`select value from alert_cursor`)[0]?.value);
    const look = async (t: number) => {
      world.clock.set(start + t * 1000);
      await tellStale(world.deps, start + t * 1000);
      return cursor();
    };
    await look(91);
    await send(500, 88);
    const { status } = await world.api.call(commentAlert, { actor: world.doctor, params: { id }, body: { text: "seen" } });
    expect(status).toBe(200);
    const commented = await cursor();
    expect((await alerts())[0].stale).toBeUndefined();
    expect(await look(700)).toBe(commented + 1);
    expect(await look(701)).toBe(commented + 1);
  });
  test("are counted by readings, not by what a rule of many readings judged last; a technical alert is never stale", async () => {
    await rule({ kind: "rate", code: "59408-5", op: "<=", value: -1, unit: "%", windowSeconds: 60, minPoints: 3, gapSeconds: 60 });
    await rule({ kind: "flat-line", code: "59408-5", holdSeconds: 60 });
    for (let t = 0; t <= 60; t += 10) await send(t, 99 - t / 5);
    await send(100, 80);
    await send(110, 80);
    world.clock.set(start + 150_000);
    expect((await alerts()).find((alert: { rule: { kind: string } }) => alert.rule.kind === "rate")).toMatchObject({
      status: "open",
      lastReadingAt: at(110),
    });
    for (let t = 120; t <= 180; t += 10) await send(t, 80);
    world.clock.set(start + 9_000_000);
    const stale = (await alerts()).map((alert: { class: string; stale?: boolean }) => [alert.class, alert.stale ?? false]);
    expect(stale).toContainEqual(["technical", false]);
    expect(stale).toContainEqual(["clinical", true]);
  });
});

test("a backtest over what is not stored is refused with the reason", async () => {
  for (const kind of ["low-battery", "not-worn", "clock-skew"]) {
    const tried = await world.api.call(backtest, { actor: world.doctor, body: { rule: { kind }, from: at(0), to: at(60) } });
    expectProblem(tried, 422, "invalid-input");
  }
});
