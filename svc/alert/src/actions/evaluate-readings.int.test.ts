import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { Frame } from "@episante/contracts/envelope";
import { waitFor } from "@episante/testkit/wait-for";
import { makeWorld, run, start, type World } from "../../test/world.ts";

let world: World;
const worlds: World[] = [];
beforeEach(async () => {
  world = await makeWorld();
  worlds.push(world);
});
afterAll(async () => {
  for (const one of worlds) await one.close();
});

const seconds = (at: unknown) => (at === null ? null : (new Date(at as string).getTime() - start) / 1000);
const summary = async (one: World = world) =>
  (await one.alerts()).map((alert) => [
    alert.status,
    seconds(alert.onset_at),
    seconds(alert.fired_at),
    seconds(alert.cleared_at),
    alert.late,
  ]);
const events = async (one: World = world) =>
  (await one.database.owner`select type from outbox where type like 'alert.%' order by seq`).map((row) => row.type);
/** Default rule: under 90 for 30 s, clear at 92 for 30 s. */
const story: [number, number][] = [...run(0, 59, 95), ...run(60, 139, 88), ...run(140, 199, 91), ...run(200, 299, 93)];

describe("a clinic's default rules", () => {
  test("exist exactly once, one of them clinical and listed first, however often the clinic is announced", async () => {
    const all = await world.database.owner`select name, enabled, body from rules order by id`;
    expect(all.map(({ body }) => body.kind)).toEqual(["threshold", "clock-skew", "low-battery"]);
    expect(all[0]?.name).toBe("SpO₂ < 90 %");
    expect(all[0]?.body).toEqual({
      kind: "threshold",
      code: "59408-5",
      op: "<",
      value: 90,
      unit: "%",
      holdSeconds: 30,
      clear: { value: 92, seconds: 30 },
      gapSeconds: 60,
      severity: "critical",
    });
  });
  test("raises one alert and resolves it, with its events", async () => {
    for (const sample of story) await world.evaluate([world.frame([sample])]);
    expect(await summary()).toEqual([["resolved", 60, 90, 230, false]]);
    expect(await events()).toEqual(["alert.raised", "alert.resolved"]);
  });
  test("readings of the other SpO2 code count, implausible ones do not", async () => {
    const readings: Frame["readings"] = run(0, 40, 88).map(([t, value]) => ["2708-6", "spo2", value, start + t * 1000]);
    await world.evaluate([
      world.frame([], { readings: [["59408-5", "spo2", 0, start, "implausible"], ...readings], receivedAtMs: start + 40_000 }),
    ]);
    expect(await summary()).toEqual([["open", 0, 30, null, false]]);
  });
});

describe("what can go wrong on the way", () => {
  test("frames sent twice, in batches of any size, with rolled-back batches between: the same alert, nothing doubled", async () => {
    const frames = story.map((sample) => world.frame([sample]));
    for (let at = 0; at < frames.length; at += 7) {
      const batch = [...frames.slice(Math.max(0, at - 3), at + 7), ...frames.slice(at, at + 2)];
      if (at % 3 === 0) await world.evaluate(batch, { fail: true });
      await world.evaluate(batch);
    }
    expect(await summary()).toEqual([["resolved", 60, 90, 230, false]]);
    expect(await events()).toEqual(["alert.raised", "alert.resolved"]);
  });
  test("an engine that starts anew from its tables at any point decides the same", async () => {
    for (const [index, sample] of story.entries()) {
      if (index % 10 === 0) world.deps.engine.forget(0);
      await world.evaluate([world.frame([sample])]);
    }
    expect(await summary()).toEqual([["resolved", 60, 90, 230, false]]);
  });
  test("readings that change no alert leave the long state where it is; row and tail together are the state", async () => {
    await world.evaluate([world.frame(run(0, 40, 88))]);
    const row = async () => (await world.database.owner`select state, tail from engine_states`)[0] as { state: string; tail: string };
    const written = await row();
    expect(written.tail).toBe("");
    for (let t = 41; t <= 60; t++) {
      await world.evaluate([world.frame([[t, 88]])], { fail: t % 5 === 0 });
      if (t % 5 === 0) await world.evaluate([world.frame([[t, 88]])]);
      if (t % 3 === 0) world.deps.engine.forget(0);
    }
    // Late, doubled and corrected while they are in the tail.
    await world.evaluate([world.frame([[40.5, 88]]), world.frame([[55, 88]]), world.frame([[56, 87]])]);
    expect((await row()).state).toBe(written.state);
    expect((await row()).tail.length).toBeGreaterThan(50);
    world.deps.engine.forget(0);
    // From the tail on: 92 from 45 on would have closed the alert at 75.
    await world.evaluate([world.frame(run(45, 80, 93), { receivedT: 80 })]);
    expect(await summary()).toEqual([["resolved", 0, 30, 75, false]]);
    for (let t = 81; t <= 200; t++) await world.evaluate([world.frame([[t, 93]])]);
    expect((await row()).tail.length).toBeLessThan(written.state.length * 2);
  });
  test("who acknowledges while the engine writes the same alert keeps it", async () => {
    await world.evaluate([world.frame([[0, 95], ...run(10, 45, 85)])]);
    const [alert] = await world.alerts();
    let changing: Promise<void> | undefined;
    await world.database.owner.begin(async (tx) => {
      await tx`update alerts set status = 'acked', owner_account_id = 'acc_1', acked_at = now() where id = ${String(alert?.id)}`;
      // A late reading moves the onset; the engine now waits for the acknowledgement's commit.
      changing = world.evaluate([world.frame([[5, 85]], { receivedT: 46 })]);
      await waitFor(async () => (await world.database.owner`select 1 from pg_stat_activity where wait_event_type = 'Lock'`).length > 0);
    });
    await changing;
    expect((await world.alerts())[0]).toMatchObject({ status: "acked", owner_account_id: "acc_1", onset_at: new Date(start + 5_000) });
  });
  test("S6: an episode found in a backfill is recorded late and pages nobody; the next true reading pages once", async () => {
    await world.evaluate([world.frame(run(0, 600, 95))]);
    await world.evaluate([world.frame([...run(601, 699, 95), ...run(700, 900, 82), ...run(901, 1000, 95)], { receivedT: 1200 })]);
    expect(await summary()).toEqual([["resolved", 700, 730, 931, true]]);
    await world.evaluate([world.frame(run(1001, 1070, 80), { receivedT: 1200 })]);
    expect((await summary())[1]).toEqual(["open", 1001, 1031, null, true]);
    await world.evaluate([world.frame([[1110, 80]], { receivedT: 1200 })]);
    await world.evaluate([world.frame([[1200, 80]])]);
    expect((await summary())[1]).toEqual(["open", 1001, 1031, null, false]);
    const pages = await world.database
      .owner`select count(*)::int as n from outbox where type = 'alert.raised' and payload::jsonb #>> '{data,late}' = 'false'`;
    expect(pages[0]?.n).toBe(1);
  });
  test("S7: a correction that arrives long after takes the alert back, with the reason", async () => {
    for (let at = 0; at < story.length; at += 20) await world.evaluate([world.frame(story.slice(at, at + 20))]);
    for (let at = 300; at < 2000; at += 100) await world.evaluate([world.frame(run(at, at + 99, 95))]);
    expect((await world.database.owner`select count(*)::int as n from engine_blocks`)[0]?.n).toBeGreaterThan(2);
    await world.evaluate([
      world.frame(
        [80, 100, 120].map((t) => [t, 97]),
        { receivedT: 2000 },
      ),
    ]);
    expect(await summary()).toEqual([["withdrawn", 60, 90, 230, false]]);
    const [history] = await world.database.owner`select action, text from alert_history order by seq desc limit 1`;
    expect(history).toEqual({ action: "withdrawn", text: "re-derived" });
    expect(await events()).toEqual(["alert.raised", "alert.resolved", "alert.withdrawn"]);
    await world.evaluate([
      world.frame(
        [80, 100, 120].map((t) => [t, 88]),
        { receivedT: 2001 },
      ),
    ]);
    expect(await summary()).toEqual([["resolved", 60, 90, 230, false]]);
  });
  test("absence never resolves, and the store refuses a second open alert of a rule", async () => {
    await world.evaluate([world.frame(run(0, 40, 85))]);
    await world.evaluate([world.frame([[4000, 91]])]);
    expect(await summary()).toEqual([["open", 0, 30, null, false]]);
    const twice = world.database.owner`insert into alerts select (jsonb_populate_record(a, '{"id": "alr_x"}')).* from alerts a`;
    await expect(Promise.resolve(twice)).rejects.toThrow("alerts_one_open");
  });
});
