import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { ackAlert, getAlert, listAlerts, resolveAlert } from "@episante/contracts/alert";
import { alertLoad } from "@episante/contracts/alert-load";
import { newId } from "@episante/service/ids";
import { doctorActor, patientActor } from "@episante/testkit/actors";
import { waitFor } from "@episante/testkit/wait-for";
import { makeWorld, openAlert, run, start, type World } from "../../test/world.ts";
import { nameOwners } from "../actions/name-owners.ts";
import { sampleActive } from "../actions/sample-alerts.ts";

let world: World;
const worlds: World[] = [];
beforeAll(async () => {});
beforeEach(async () => {
  world = await makeWorld({
    callInternal: (async (_: unknown, { params }: { params: { id: string } }) => ({
      accountId: params.id,
      givenName: "Ada",
      familyName: "Byron",
    })) as never,
  });
  worlds.push(world);
});
afterAll(async () => {
  for (const one of worlds) await one.close();
});
const doctorOf = (id = newId("doc", start)) => doctorActor({ clinicId: world.clinicId, doctorId: id });

describe("reading", () => {
  test("one request feeds the list: value, trend, explanation, history, stale", async () => {
    const id = await openAlert(world);
    await world.evaluate([world.frame(run(31, 100, 86))]);
    world.clock.set(start + 101_000);
    const list = await world.api.call(listAlerts, { actor: world.doctor });
    expect(list.status).toBe(200);
    expect(list.json.items).toHaveLength(1);
    expect(list.json.items[0]).toMatchObject({
      id,
      patientId: world.patientId,
      class: "clinical",
      status: "open",
      severity: "critical",
      code: "59408-5",
      signal: "spo2",
      value: 86,
      unit: "%",
      threshold: 90,
      op: "<",
      onsetAt: new Date(start).toISOString(),
      firedAt: new Date(start + 30_000).toISOString(),
      lastReadingAt: new Date(start + 100_000).toISOString(),
      explanation: {
        samplesUsed: 31,
        samplesRejected: 0,
        holdSeconds: 30,
        gapSeconds: 60,
        clearValue: 92,
        clearSeconds: 30,
        delaySeconds: 0,
      },
      history: [{ action: "raised" }],
    });
    expect(list.json.items[0].trend).toHaveLength(4);
    expect(list.json.items[0].stale).toBeUndefined();
    world.clock.set(start + 161_000);
    expect((await world.api.call(getAlert, { actor: world.doctor, params: { id } })).json.stale).toBe(true);
  });
  test("the patient reads their own; filters and pages cover every alert once", async () => {
    for (let episode = 0; episode < 5; episode++)
      await world.evaluate([
        world.frame([...run(episode * 200, episode * 200 + 30, 85), ...run(episode * 200 + 31, episode * 200 + 99, 95)]),
      ]);
    const me = patientActor(world.patientId);
    const first = await world.api.call(listAlerts, { actor: me, query: { limit: 3, status: "resolved" } });
    const second = await world.api.call(listAlerts, { actor: me, query: { limit: 3, status: "resolved", cursor: first.json.next } });
    const ids = [...first.json.items, ...second.json.items].map((alert: { id: string }) => alert.id);
    expect(new Set(ids).size).toBe(5);
    expect(second.json.next).toBeUndefined();
    expect((await world.api.call(listAlerts, { actor: me, query: { status: "open" } })).json.items).toEqual([]);
    const from = new Date(start + 400_000).toISOString();
    expect((await world.api.call(listAlerts, { actor: me, query: { from } })).json.items).toHaveLength(3);
  });
});

describe("taking in charge and closing", () => {
  test("of ten racing acknowledgements one wins; the others get the alert with its owner", async () => {
    const id = await openAlert(world);
    const doctors = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const doctorId = newId("doc", start);
        await world.relate(doctorId, world.patientId);
        return doctorOf(doctorId);
      }),
    );
    const answers = await Promise.all(doctors.map((actor) => world.api.call(ackAlert, { actor, params: { id } })));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const owners = new Set(answers.map(({ json }) => json.owner.accountId));
    expect(owners.size).toBe(1);
    const acks = await world.database.owner`select count(*)::int as n from outbox where type = 'alert.acked'`;
    expect(acks[0]?.n).toBe(1);
    const audits = await world.database
      .owner`select count(*)::int as n from outbox where type = 'audit' and payload::jsonb ->> 'code' = 'alert.ack'`;
    expect(audits[0]?.n).toBe(10);
    const counted = (await world.deps.alertMetrics.ackSeconds.get()).values.find(
      ({ metricName }) => metricName === "alert_ack_seconds_count",
    );
    expect(counted).toMatchObject({ labels: { severity: "critical" }, value: 1 });
  });
  test("the gauge of open alerts follows them through their lives", async () => {
    const counts = async () => {
      await sampleActive(world.deps);
      const { values } = await world.deps.alertMetrics.active.get();
      return Object.fromEntries(
        values.filter(({ value }) => value > 0).map(({ labels, value }) => [`${labels.status} ${labels.severity}`, value]),
      );
    };
    expect(await counts()).toEqual({});
    const id = await openAlert(world);
    expect(await counts()).toEqual({ "open critical": 1 });
    await world.api.call(ackAlert, { actor: world.doctor, params: { id } });
    expect(await counts()).toEqual({ "acked critical": 1 });
    await world.evaluate([world.frame(run(31, 80, 95))]);
    expect(await counts()).toEqual({});
  });
  test("the owner's name is fetched afterwards and changes the alert for the feed", async () => {
    const id = await openAlert(world);
    const acked = await world.api.call(ackAlert, { actor: world.doctor, params: { id } });
    expect(acked.json.owner).toEqual({ accountId: world.doctor.accountId, name: "" });
    await nameOwners(world.deps);
    const named = await waitFor(async () => (await world.api.call(getAlert, { actor: world.doctor, params: { id } })).json);
    expect(named.owner.name).toBe("Ada Byron");
    expect(named.cursor).toBeGreaterThan(acked.json.cursor);
  });
  test("an acknowledged alert resolves when the values do; it cannot be acknowledged or closed again", async () => {
    const id = await openAlert(world);
    await world.api.call(ackAlert, { actor: world.doctor, params: { id } });
    await world.evaluate([world.frame(run(31, 80, 95))]);
    const read = await world.api.call(getAlert, { actor: world.doctor, params: { id } });
    expect(read.json).toMatchObject({ status: "resolved", clearedAt: new Date(start + 61_000).toISOString() });
    expect((await world.api.call(ackAlert, { actor: world.doctor, params: { id } })).json.code).toBe("wrong-state");
    expect((await world.api.call(resolveAlert, { actor: world.doctor, params: { id } })).json.code).toBe("wrong-state");
  });
  test("closed by hand while still low: after a new hold there is a new alert", async () => {
    const id = await openAlert(world);
    world.clock.set(start + 30_500);
    expect((await world.api.call(resolveAlert, { actor: world.doctor, params: { id } })).json.status).toBe("resolved");
    await world.evaluate([world.frame(run(31, 60, 85))]);
    expect((await world.alerts()).map((alert) => alert.status)).toEqual(["resolved"]);
    await world.evaluate([world.frame(run(61, 61, 85))]);
    expect((await world.alerts()).map((alert) => alert.status)).toEqual(["resolved", "open"]);
  });
});

test("the load of alerts: counted as they fired, acknowledged and ended; a longer hold spares those that were short", async () => {
  const fresh = await makeWorld();
  const others = [newId("pat", start), newId("pat", start + 1)];
  await fresh.evaluate([fresh.frame([...run(0, 39, 85), ...run(40, 100, 96)])]);
  await fresh.evaluate([fresh.frame([...run(0, 200, 85), ...run(201, 260, 96)], { patientId: others[0] as never })]);
  await fresh.evaluate([fresh.frame(run(0, 50, 85), { patientId: others[1] as never })]);
  const [first] = (await fresh.alerts()).filter((row) => row.patient_id === others[1]);
  await fresh.database.owner`update alerts set status = 'acked', owner_account_id = 'acc_x' where id = ${String(first?.id)}`;
  await fresh.database
    .owner`insert into alert_history (alert_id, patient_id, at, action) values (${String(first?.id)}, ${String(others[1])}, ${new Date(start + 90_000).toISOString()}, 'acked')`;
  const period = { from: new Date(start).toISOString(), to: new Date(start + 86_400_000).toISOString() };
  const load = async (more: object = {}) => (await fresh.api.call(alertLoad, { actor: fresh.doctor, query: { ...period, ...more } })).json;
  const { json: backwards } = await fresh.api.call(alertLoad, { actor: fresh.doctor, query: { from: period.to, to: period.from } });
  expect(backwards.code).toBe("invalid-input");
  expect(await load({ zone: "Europe/Paris", ruleId: fresh.ruleId, holdSeconds: 60 })).toMatchObject({
    ...{ clinicId: fresh.clinicId, patients: 3, patientDays: 3, alerts: 3, perPatientDay: 1 },
    ...{ bySeverity: { critical: 3, warning: 0, notice: 0 }, withdrawn: 0, late: 0, zone: "Europe/Paris" },
    acked: { medianSeconds: 60, p90Seconds: 60 },
    topRules: [{ id: fresh.ruleId, alerts: 3, patients: 3 }],
    // 39 s, 200 s, and 50 s so far.
    effectOfHold: { alerts: 3, spared: 1, undecided: 1 },
  });
  expect((await load()).perHour[8]).toBe(3);
  await fresh.close();
});
