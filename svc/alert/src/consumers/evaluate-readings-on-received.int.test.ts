import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { resolveAlert } from "@episante/contracts/alert";
import type { Frame } from "@episante/contracts/envelope";
import type { RuleId } from "@episante/contracts/ids";
import { putRule } from "@episante/contracts/rule";
import { newId } from "@episante/service/ids";
import { startReader } from "@episante/service/reader";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { waitFor } from "@episante/testkit/wait-for";
import { makeWorld, run, start, type World } from "../../test/world.ts";
import { EngineCache } from "../actions/engine-cache.ts";
import type { AlertDeps } from "../deps.ts";
import { alertId } from "../domain/alert-id.ts";
import { evaluateOnReceived } from "./evaluate-readings-on-received.ts";

let broker: TestBroker;
let world: World;
beforeAll(async () => {
  broker = await testBroker();
});
afterAll(() => broker.close());
beforeEach(async () => {
  world = await makeWorld();
});
const engines: Engine[] = [];
afterEach(async () => {
  for (const { stop } of engines.splice(0)) await stop();
  await world.close();
  await (await broker.js.jetstreamManager()).streams.purge("READINGS");
});

interface Engine {
  /** Messages the engine has been told of before any transaction. */
  readonly seen: () => number;
  stop(): Promise<void>;
}

/** An engine with a memory of its own. It gathers a minute, so that only what it finds urgent is committed, unless said otherwise. */
function startEngine({ gatherMs = 60_000, instance = "one" } = {}): Engine {
  const deps: AlertDeps = { ...world.deps, nats: broker.nats, js: broker.js, engine: new EngineCache() };
  const spec = evaluateOnReceived(deps);
  let seen = 0;
  const urgentOf: typeof spec.urgentOf = (arrived) => {
    seen += arrived.messages.length;
    return spec.urgentOf?.(arrived) ?? null;
  };
  const { stop } = startReader({ ...spec, gatherMs, urgentOf }, deps, { partitions: 1, instance });
  const engine = { seen: () => seen, stop };
  engines.push(engine);
  return engine;
}

const publish = async (...frames: readonly Frame[]) => {
  for (const frame of frames) await broker.js.publish("readings.0", JSON.stringify({ v: 1, frames: [frame] }));
};
const each = (samples: readonly [number, number][]) => samples.map((sample) => world.frame([sample]));
const lease = async () => (await world.database.owner`select checkpoint::int, epoch::int from reader_leases where reader = 'rules'`)[0];
const committed = async () => Number((await lease())?.checkpoint ?? 0);
const lastOf = async (patientId: string) =>
  (await world.database.owner`select last_value from engine_states where patient_id = ${patientId}`)[0]?.last_value;
const written = () => lastOf(world.patientId);
const lowMark = async () => (await world.database.owner`select low::int from reader_marks where reader = 'rules'`)[0]?.low;
const history = async () => (await world.database.owner`select action from alert_history order by seq`).map(({ action }) => action);
const raised = async () =>
  (await world.database.owner`select payload::jsonb #>> '{data,id}' as id from outbox where type = 'alert.raised' order by seq`).map(
    ({ id }) => id,
  );
const theAlert = (onset: number) => alertId(world.patientId, world.ruleId, start + onset * 1000);

/** The first message of a patient is committed at once, because nothing is known of them; the next ones are gathered. */
async function gatherAfterFirst(engine: Engine, samples: readonly [number, number][]): Promise<number> {
  const [first, ...others] = each(samples);
  if (first) await publish(first);
  await waitFor(async () => (await written()) !== undefined);
  const checkpoint = await committed();
  const before = engine.seen();
  await publish(...others);
  await waitFor(() => engine.seen() === before + others.length);
  expect(await committed()).toBe(checkpoint);
  return checkpoint;
}

describe("readings that change no alert", () => {
  test("wait in memory, and are written in the transaction of the one that does", async () => {
    const engine = startEngine();
    const checkpoint = await gatherAfterFirst(engine, [...run(0, 9, 95), ...run(10, 39, 88)]);
    expect(await world.alerts()).toEqual([]);
    await publish(...each([[40, 87]]));
    await waitFor(async () => (await world.alerts()).length === 1);
    expect((await world.alerts())[0]).toMatchObject({ id: theAlert(10), status: "open", samples_used: 31 });
    expect(await committed()).toBe(checkpoint + 40);
    expect(await written()).toBe(87);
    expect(await lowMark()).toBe(40);
  });
  test("are written without one that does when their time is over", async () => {
    startEngine({ gatherMs: 50 });
    await publish(...each(run(0, 9, 95)));
    await waitFor(async () => (await lowMark()) === 9);
    const before = await committed();
    await publish(...each([[10, 96]]));
    await waitFor(async () => (await written()) === 96);
    expect([await lowMark(), await committed()]).toEqual([10, before + 1]);
  });
});

describe("another patient's readings that change an alert", () => {
  const other = newId("pat", start);
  const ofOther = (samples: readonly [number, number][]) =>
    samples.map((sample) => world.frame([sample], { patientId: other, deviceId: "dev_other", boot: "other" }));
  const alertsOf = async (patientId: string) => (await world.alerts()).filter((alert) => alert.patient_id === patientId);

  /** Both patients are known; then the other one's first 20 s below the limit wait in memory, among readings of the first. @returns the checkpoint */
  async function gatherOfBoth(engine: Engine): Promise<number> {
    await publish(...ofOther([[0, 95]]));
    await waitFor(async () => (await lastOf(other)) === 95);
    const checkpoint = await gatherAfterFirst(engine, run(0, 9, 95));
    const before = engine.seen();
    for (let second = 10; second < 30; second++) await publish(...each([[second, 88]]), ...ofOther([[second, 87]]));
    await waitFor(() => engine.seen() === before + 40);
    return checkpoint;
  }

  test("do not wait for these, and leave them where they are", async () => {
    const engine = startEngine();
    const checkpoint = await gatherOfBoth(engine);
    await publish(...each(run(30, 40, 88)));
    await waitFor(async () => (await alertsOf(world.patientId)).length === 1);
    expect((await alertsOf(world.patientId))[0]).toMatchObject({ id: theAlert(10), status: "open", samples_used: 31 });
    expect([await committed(), await lastOf(other)]).toEqual([checkpoint, 95]);
    await publish(...ofOther(run(30, 40, 87)));
    await waitFor(async () => (await alertsOf(other)).length === 1);
    expect((await alertsOf(other))[0]).toMatchObject({ onset_at: new Date(start + 10_000), status: "open", samples_used: 31 });
    expect(await lastOf(other)).toBe(87);
  });
  test("are judged once when the log brings them again after a crash, and these too", async () => {
    const engine = startEngine();
    const checkpoint = await gatherOfBoth(engine);
    await publish(...each(run(30, 40, 88)));
    await waitFor(async () => (await alertsOf(world.patientId)).length === 1);
    await engine.stop();
    expect(await committed()).toBe(checkpoint);
    startEngine();
    await publish(...ofOther(run(30, 40, 87)), ...each([[41, 92.5]]));
    await waitFor(async () => (await alertsOf(other)).length === 1);
    expect((await alertsOf(other))[0]).toMatchObject({ onset_at: new Date(start + 10_000), samples_used: 31 });
    await publish(...each(run(42, 80, 95)));
    await waitFor(async () => (await alertsOf(world.patientId))[0]?.cleared_at !== null);
    expect((await alertsOf(world.patientId))[0]).toMatchObject({ id: theAlert(10), samples_used: 31 });
    expect((await raised()).length).toBe(2);
    expect(await history()).toEqual(["raised", "raised", "resolved"]);
  });
});

describe("while readings are gathered", () => {
  test("a crash loses none of them: the log is read again from the checkpoint and gives the same alert once", async () => {
    const engine = startEngine();
    const checkpoint = await gatherAfterFirst(engine, [[0, 95], ...run(1, 25, 88)]);
    // Stopping writes nothing of what was gathered, as a kill would not.
    await engine.stop();
    expect(await committed()).toBe(checkpoint);
    startEngine();
    await publish(...each(run(26, 35, 88)));
    await waitFor(async () => (await world.alerts()).length === 1);
    expect((await world.alerts())[0]).toMatchObject({ id: theAlert(1), status: "open", fired_at: new Date(start + 31_000) });
    expect(await history()).toEqual(["raised"]);
    expect(await raised()).toEqual([theAlert(1)]);
  });
  test("an engine that lost its lease writes nothing of them; the one that took it over raises the alert once", async () => {
    const zombie = startEngine();
    const checkpoint = await gatherAfterFirst(zombie, [[0, 95], ...run(1, 30, 88)]);
    const told = zombie.seen();
    // Its epoch is over; that another is at work it learns only by writing.
    await world.database.owner`update reader_leases set epoch = epoch + 1, owner = 'another', expires_at = now() + interval '1 hour'`;
    await publish(...each([[31, 88]]));
    await waitFor(() => zombie.seen() > told);
    await Bun.sleep(700);
    expect(await committed()).toBe(checkpoint);
    expect(await world.alerts()).toEqual([]);
    expect(await raised()).toEqual([]);
    expect(await lowMark()).toBe(0);
    startEngine({ instance: "another" });
    await waitFor(async () => (await world.alerts()).length === 1);
    expect(await raised()).toEqual([theAlert(1)]);
    expect(await history()).toEqual(["raised"]);
  });
  test("an alert closed by hand is taken in: values still beyond the limit need a new hold and make a new alert", async () => {
    const engine = startEngine({ gatherMs: 400 });
    await publish(world.frame(run(0, 40, 85)));
    await waitFor(async () => (await world.alerts()).length === 1);
    await publish(...each(run(41, 50, 85)));
    await waitFor(() => engine.seen() === 11);
    world.clock.set(start + 50_500);
    const closed = await world.api.call(resolveAlert, { actor: world.doctor, params: { id: theAlert(0) } });
    expect(closed.status).toBe(200);
    await publish(...each(run(51, 100, 85)));
    await waitFor(async () => (await world.alerts()).length === 2);
    await waitFor(async () => (await written()) === 85 && engine.seen() === 61);
    const [first, second] = await world.alerts();
    expect(first).toMatchObject({ id: theAlert(0), status: "resolved", cleared_at: new Date(start + 50_500) });
    expect(second?.status).toBe("open");
    expect(Number(new Date(String(second?.fired_at))) - Number(new Date(String(second?.onset_at)))).toBe(30_000);
    expect((await world.database.owner`select taken from hand_closures`).map(({ taken }) => taken)).toEqual([true]);
  });
  test("a poison message among them goes to the dead letters; all others count, and their alert is raised once", async () => {
    const engine = startEngine();
    const [before, after] = [each([...run(1, 15, 88)]), each(run(16, 31, 88))];
    await gatherAfterFirst(engine, [[0, 95]]);
    await publish(...before);
    // A valid envelope that no transaction takes: Postgres has no text with a zero in it.
    await publish(world.frame([[15.5, 88]], { boot: "b\u0000" }));
    await broker.js.publish("readings.0", "not an envelope");
    await publish(...after);
    await waitFor(async () => (await world.alerts()).length === 1);
    expect((await world.alerts())[0]).toMatchObject({ id: theAlert(1), status: "open", samples_used: 31 });
    expect(await raised()).toEqual([theAlert(1)]);
    await waitFor(async () => (await (await broker.js.jetstreamManager()).streams.info("DLQ")).state.messages === 2);
    await publish(...each([[32, 90.5]]));
    await waitFor(async () => engine.seen() >= 34);
  });
  test("a rule changes: each reading is judged by the version of its receive time, as if none had waited", async () => {
    const samples = run(0, 60, 93);
    const stricter = async (one: World) => {
      one.clock.set(start + 20_000);
      const [{ body, name } = {}] = await one.database.owner`select body, name from rules where id = ${one.ruleId}`;
      const changed = { name, scope: { kind: "clinic" as const }, rule: { ...body, value: 94, clear: { value: 95, seconds: 30 } } };
      const answer = await one.api.call(putRule, { actor: one.doctor, params: { id: one.ruleId as RuleId }, body: changed });
      expect(answer.status).toBe(200);
    };
    const shown = async (one: World) =>
      (await one.alerts()).map(({ onset_at, fired_at, rule_version, status }) => ({ onset_at, fired_at, rule_version, status }));
    const atOnce = await makeWorld();
    for (const sample of samples) {
      if (sample[0] === 20) await stricter(atOnce);
      await atOnce.evaluate([atOnce.frame([sample])]);
    }
    await gatherAfterFirst(startEngine({ gatherMs: 3_000 }), samples);
    await stricter(world);
    await waitFor(async () => (await world.alerts()).length === 1);
    expect(await shown(world)).toEqual(await shown(atOnce));
    expect(await shown(world)).toEqual([
      { onset_at: new Date(start + 20_000), fired_at: new Date(start + 50_000), rule_version: 2, status: "open" },
    ]);
    await atOnce.close();
  });
});

test("an alert closed by hand stays known until readings of its own rule come, whatever else the patient's devices send", async () => {
  await world.evaluate([world.frame(run(0, 40, 85))]);
  world.clock.set(start + 41_000);
  await world.api.call(resolveAlert, { actor: world.doctor, params: { id: theAlert(0) } });
  await world.evaluate([world.frame([], { receivedT: 42, readings: [["8867-4", "heart-rate", 70, start + 42_000]] } as never)]);
  await world.evaluate([world.frame(run(43, 80, 85))]);
  expect((await world.alerts()).map(({ status }) => status)).toEqual(["resolved", "open"]);
});
