import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import {
  type Alert,
  ackAlert,
  assignAlert,
  commentAlert,
  getAlert,
  listAlerts,
  listAssignees,
  putAckExpiry,
  resolveAlert,
  snoozeAlert,
} from "@episante/contracts/alert";
import type { AlertId } from "@episante/contracts/ids";
import { createRule } from "@episante/contracts/rule";
import type { UserActor } from "@episante/contracts/session";
import { newId } from "@episante/service/ids";
import { doctorActor, patientActor } from "@episante/testkit/actors";
import { makeWorld, openAlert, run, start, type World } from "../../test/world.ts";
import { endWaits } from "../actions/end-waits.ts";
import { nameOwners } from "../actions/name-owners.ts";
import { mirrorDoctors } from "../consumers/mirror-doctors-on-membership-changed.ts";

const minute = 60_000;
let world: World;
const worlds: World[] = [];
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

const read = async (id: AlertId): Promise<Alert> => (await world.api.call(getAlert, { actor: world.doctor, params: { id } })).json;
const actionsOf = async (id: AlertId) => (await read(id)).history.map(({ action }) => action);
const told = async (type: string) =>
  (await world.database.owner`select payload::jsonb -> 'data' as data from outbox where type = ${type} order by seq`).map(
    ({ data }) => data,
  );
const at = (ms: number) => new Date(ms).toISOString();
const ack = (id: AlertId, actor = world.doctor) => world.api.call(ackAlert, { actor, params: { id } });
const resolve = (id: AlertId, actor = world.doctor) => world.api.call(resolveAlert, { actor, params: { id } });
const snooze = (id: AlertId, minutes: number, actor = world.doctor) =>
  world.api.call(snoozeAlert, { actor, params: { id }, body: { minutes } });
const assign = (id: AlertId, to: string, actor = world.doctor) =>
  world.api.call(assignAlert, { actor, params: { id }, body: { to: to as never } });
const comment = (id: AlertId, text: string, headers: Record<string, string> = {}) =>
  world.api.call(commentAlert, { actor: world.doctor, params: { id }, body: { text }, headers });
const pass = async (ms: number) => {
  world.clock.advance(ms);
  await endWaits(world.deps, world.clock.now());
};

/** A rule below 94 %, without hold, of lower severity than the default one. */
async function addWarningRule(severity: "warning" | "notice" = "warning"): Promise<void> {
  const rule = { kind: "threshold", code: "59408-5", op: "<", value: 94, unit: "%", holdSeconds: 0, gapSeconds: 60, severity } as const;
  const answer = await world.api.call(createRule, {
    actor: world.doctor,
    body: { name: "SpO₂ < 94 %", scope: { kind: "clinic" as const }, rule },
  });
  expect(answer.status).toBe(201);
}
async function openWarning(): Promise<AlertId> {
  await addWarningRule();
  await world.evaluate([world.frame([[1, 93]])]);
  return (await world.alerts()).find(({ status }) => status === "open")?.id as AlertId;
}
/** A doctor of the clinic, known by a membership; who treats the patient unless said otherwise. */
async function colleague({ treats = true, clinicId = world.clinicId, status = "active" } = {}): Promise<UserActor & { doctorId: string }> {
  const doctorId = newId("doc", start);
  const actor = doctorActor({ clinicId, doctorId });
  if (treats) await world.relate(doctorId, world.patientId, clinicId);
  const data = { membershipId: newId("mbr", start), accountId: actor.accountId, clinicId, role: "doctor", doctorId, status };
  await world.database.db.drizzle.transaction((tx) =>
    mirrorDoctors.handle({ event: { at: at(start), data } as never, tx, deps: world.deps, now: start, emit: async () => {} }),
  );
  return { ...actor, doctorId };
}

describe("snooze", () => {
  test("keeps the alert open and quiet until its time, whatever readings come; then it is told again, once", async () => {
    const id = await openWarning();
    const answer = await snooze(id, 60);
    expect(answer.json).toMatchObject({ status: "open", severity: "warning", snoozedUntil: at(start + 60 * minute) });
    await world.evaluate([world.frame(run(2, 40, 92))]);
    await pass(60 * minute - 1);
    const listed = await world.api.call(listAlerts, { actor: world.doctor, query: { status: "open" } });
    expect(listed.json.items[0]).toMatchObject({ id, value: 92, snoozedUntil: at(start + 60 * minute) });
    expect(await actionsOf(id)).toEqual(["raised", "snoozed"]);
    const { cursor } = await read(id);
    await pass(1);
    const after = await read(id);
    expect(after.snoozedUntil).toBeUndefined();
    expect(after.cursor).toBeGreaterThan(cursor);
    expect(after.history.map(({ action, until }) => [action, until])).toEqual([
      ["raised", undefined],
      ["snoozed", at(start + 60 * minute)],
      ["snooze-ended", undefined],
    ]);
    await pass(10 * minute);
    expect(await actionsOf(id)).toEqual(["raised", "snoozed", "snooze-ended"]);
    expect(await told("alert.snooze-ended")).toMatchObject([{ id, status: "open", reason: "time" }]);
    expect(await told("alert.snoozed")).toMatchObject([{ id, snoozedUntil: at(start + 60 * minute) }]);
  });
  test("S9 C: a critical alert of the patient ends a warning's snooze at once, not another patient's, and not what is as severe", async () => {
    const id = await openWarning();
    const other = newId("pat", start);
    await world.relate(world.doctor.memberships[0]?.doctorId as never, other);
    await world.evaluate([world.frame([[1, 93]], { patientId: other, deviceId: "dev_other" })]);
    const theirs = (await world.alerts()).find(({ patient_id }) => patient_id === other)?.id as AlertId;
    world.clock.set(start + 100_000);
    for (const one of [id, theirs]) await snooze(one, 15);
    await world.evaluate([world.frame([...run(370, 400, 85)])]);
    const critical = (await world.alerts()).find(({ severity }) => severity === "critical");
    expect(critical).toMatchObject({ status: "open", fired_at: new Date(start + 400_000) });
    expect(await read(id)).toMatchObject({ status: "open", history: [{}, {}, { action: "snooze-pierced", at: at(start + 400_000) }] });
    expect((await read(id)).snoozedUntil).toBeUndefined();
    expect((await read(theirs)).snoozedUntil).toBe(at(start + 1_000_000));
    expect(await told("alert.snooze-ended")).toMatchObject([{ id, reason: "worse" }]);
    await snooze(id, 15);
    await world.evaluate([world.frame([[401, 84]])]);
    expect((await read(id)).snoozedUntil).toBeDefined();
  });
  test("consoles are told of the critical alert and of the snooze it ended, in order and without reading", async () => {
    const id = await openWarning();
    await snooze(id, 60);
    const { cursor } = await read(id);
    world.deps.feed.moveTo(cursor);
    const caller = { actor: world.doctor, meta: { traceId: "0".repeat(32) } };
    const follower = { caller, asWhom: "doctor", at: () => cursor, turn: () => {} };
    world.deps.feed.listen(follower);
    const { page } = await world.evaluateHere([world.frame(run(370, 400, 85))]);
    const seen = page?.alerts.get(follower.asWhom) ?? [];
    expect(seen.map(({ alert }) => [alert.severity, alert.history.at(-1)?.action, alert.cursor])).toEqual([
      ["warning", "snooze-pierced", cursor + 1],
      ["critical", "raised", cursor + 2],
    ]);
    expect([page?.after, page?.upTo]).toEqual([cursor, cursor + 2]);
  });
  test("an episode found in a backfill pages nobody and ends no snooze", async () => {
    const id = await openWarning();
    await snooze(id, 240);
    await world.evaluate([world.frame([...run(30, 70, 85), [71, 93], [110, 93]], { receivedT: 1000 })]);
    expect((await world.alerts()).map(({ severity, late }) => [severity, late])).toContainEqual(["critical", true]);
    expect(await read(id)).toMatchObject({ status: "open", snoozedUntil: at(start + 240 * minute) });
    expect(await told("alert.snooze-ended")).toEqual([]);
  });
  test("ends with its alert: cleared by readings or closed, nothing is told at its time, and a recurrence is told", async () => {
    const id = await openWarning();
    await snooze(id, 15);
    await world.evaluate([world.frame([[50, 96]])]);
    expect(await read(id)).toMatchObject({ status: "resolved" });
    expect((await snooze(id, 15)).json.code).toBe("wrong-state");
    await pass(15 * minute);
    expect(await actionsOf(id)).toEqual(["raised", "snoozed", "resolved"]);
    await world.evaluate([world.frame([[1000, 93]])]);
    const next = (await world.alerts()).find(({ status }) => status === "open")?.id as AlertId;
    expect(next).not.toBe(id);
    expect((await read(next)).snoozedUntil).toBeUndefined();
    await snooze(next, 15);
    expect((await resolve(next)).json.snoozedUntil).toBeUndefined();
    await pass(20 * minute);
    expect(await told("alert.snooze-ended")).toEqual([]);
  });
  test("a critical alert: only after it was taken, for a quarter of an hour at most", async () => {
    const id = await openAlert(world);
    expect((await snooze(id, 15)).json).toMatchObject({ code: "wrong-state", detail: expect.stringContaining("taken in charge") });
    await ack(id);
    expect((await snooze(id, 16)).json).toMatchObject({ code: "invalid-input", errors: [{ path: "minutes" }] });
    expect((await snooze(id, 15)).json).toMatchObject({ status: "acked", snoozedUntil: at(start + 15 * minute) });
    await pass(15 * minute);
    expect(await read(id)).toMatchObject({ status: "acked", history: [{}, {}, {}, { action: "snooze-ended" }] });
  });
});

describe("an acknowledgement that nobody follows up", () => {
  test("is forgotten after the clinic's time: the alert is open, nobody's, says why, and is told again once", async () => {
    const id = await openAlert(world);
    expect((await ack(id)).json.ackExpiresAt).toBe(at(start + 60 * minute));
    await pass(60 * minute - 1);
    expect((await read(id)).status).toBe("acked");
    await pass(1);
    const after = await read(id);
    expect(after).toMatchObject({ status: "open", history: [{}, { action: "acked" }, { action: "ack-expired" }] });
    expect([after.owner, after.ackedAt, after.ackExpiresAt]).toEqual([undefined, undefined, undefined]);
    await pass(minute);
    expect(await told("alert.ack-expired")).toMatchObject([{ id, status: "open" }]);
    expect((await ack(id)).json.status).toBe("acked");
  });
  test("the setting counts by severity, for acknowledgements from then on; null is never", async () => {
    const id = await openWarning();
    const set = (body: { criticalMinutes: number | null; warningMinutes: number | null }) =>
      world.api.call(putAckExpiry, { actor: world.doctor, body });
    expect((await set({ criticalMinutes: null, warningMinutes: 30 })).json).toEqual({
      clinicId: world.clinicId,
      criticalMinutes: null,
      warningMinutes: 30,
    });
    expect((await ack(id)).json.ackExpiresAt).toBe(at(start + 30 * minute));
    await set({ criticalMinutes: null, warningMinutes: null });
    await pass(30 * minute);
    expect((await read(id)).status).toBe("open");
    expect((await ack(id)).json.ackExpiresAt).toBeUndefined();
    await pass(100 * 60 * minute);
    expect((await read(id)).status).toBe("acked");
  });
  test("ends with the alert: one that its readings closed is not opened by it", async () => {
    const id = await openAlert(world);
    await ack(id);
    await world.evaluate([world.frame(run(31, 80, 95))]);
    await pass(61 * minute);
    expect(await read(id)).toMatchObject({ status: "resolved", owner: { accountId: world.doctor.accountId } });
    expect(await told("alert.ack-expired")).toEqual([]);
  });
});

test("what waits is in the table: two instances look at once after a stop that outlasted everything, and each alert is told once", async () => {
  const [warning, critical] = [await openWarning(), await openAlert(world, 100)];
  await ack(critical);
  await snooze(warning, 15);
  await snooze(critical, 15);
  world.clock.advance(3 * 60 * minute);
  const later = world.clock.now();
  await Promise.all([endWaits(world.deps, later), endWaits(world.deps, later), endWaits(world.deps, later)]);
  await endWaits(world.deps, later);
  expect(await actionsOf(critical)).toEqual(["raised", "acked", "snoozed", "ack-expired", "snooze-ended"]);
  expect((await actionsOf(warning)).filter((action) => action === "snooze-ended")).toHaveLength(1);
  expect(await told("alert.snooze-ended")).toHaveLength(2);
  expect(await told("alert.ack-expired")).toHaveLength(1);
});

describe("giving to a colleague", () => {
  test("names them as the owner; an open alert stays open, and whoever takes it then has it", async () => {
    const id = await openAlert(world);
    const bob = await colleague();
    await nameOwners(world.deps);
    const list = await world.api.call(listAssignees, { actor: world.doctor, params: { id } });
    expect(list.json.items).toEqual([{ doctorId: bob.doctorId, accountId: bob.accountId, name: "Ada Byron" }]);
    const given = await assign(id, bob.doctorId);
    expect(given.json).toMatchObject({ status: "open", owner: { accountId: bob.accountId, name: "Ada Byron" } });
    expect(given.json.history.at(-1)).toMatchObject({
      action: "assigned",
      by: { accountId: world.doctor.accountId },
      to: { accountId: bob.accountId, name: "Ada Byron" },
    });
    const again = await assign(id, bob.doctorId);
    expect([again.status, again.json.cursor]).toEqual([200, given.json.cursor]);
    expect((await ack(id, world.doctor)).json.owner.accountId).toBe(world.doctor.accountId);
    expect((await assign(id, bob.doctorId)).json).toMatchObject({ status: "acked", owner: { accountId: bob.accountId } });
    expect(await told("alert.assigned")).toMatchObject([{ accountId: bob.accountId }, { accountId: bob.accountId, status: "acked" }]);
  });
  test("who does not treat the patient, left, is only invited, or works elsewhere is refused like somebody unknown", async () => {
    const id = await openAlert(world);
    const refused = [
      await colleague({ treats: false }),
      await colleague({ status: "ended" }),
      await colleague({ status: "invited" }),
      await colleague({ clinicId: newId("cli", start) }),
      { doctorId: newId("doc", start) },
    ];
    const answers = await Promise.all(refused.map(({ doctorId }) => assign(id, doctorId)));
    const bodies = answers.map(({ status, json: { traceId: _, ...body } }) => ({ status, body }));
    expect(bodies[0]).toMatchObject({ status: 422, body: { code: "invalid-input", errors: [{ path: "to" }] } });
    for (const body of bodies) expect(body).toEqual(bodies[0] as never);
    expect((await world.api.call(listAssignees, { actor: world.doctor, params: { id } })).json.items).toEqual([]);
    expect((await read(id)).owner).toBeUndefined();
  });
});

describe("comments", () => {
  test("stand in the history in order, in every state; a repeat with the same key is written once", async () => {
    const id = await openAlert(world);
    await comment(id, " rappelée, va mieux ");
    for (const _ of [1, 2]) await comment(id, "second", { "idempotency-key": "k1" });
    await resolve(id);
    const last = await comment(id, "after all");
    expect(last.json.history.map(({ action, text }: { action: string; text?: string }) => text ?? action)).toEqual([
      "raised",
      "rappelée, va mieux",
      "second",
      "resolved",
      "after all",
    ]);
    expect(JSON.stringify(await told("alert.commented"))).not.toContain("rappelée");
    expect(await told("alert.commented")).toHaveLength(3);
  });
  test("are for those who treat: the patient's own view leaves them out", async () => {
    const id = await openAlert(world);
    await comment(id, "between us");
    const me = patientActor(world.patientId);
    const own = await world.api.call(getAlert, { actor: me, params: { id } });
    const list = await world.api.call(listAlerts, { actor: me });
    expect([own.text, list.text].filter((text) => text.includes("between us"))).toEqual([]);
    expect(own.json.history).toMatchObject([{ action: "raised" }]);
  });
  test("empty, too long, or with what a database cannot store: refused without a fault", async () => {
    const id = await openAlert(world);
    for (const text of ["", "   ", "x".repeat(501), "a\u0000b"]) {
      const answer = await comment(id, text);
      expect([answer.status, answer.json.code]).toEqual([422, "invalid-input"]);
    }
    expect((await comment(id, "x".repeat(500))).status).toBe(200);
  });
});

describe("races", () => {
  test("two closings: one recorded actor, no error; a closing and an acknowledgement: each sees what the other did", async () => {
    const id = await openAlert(world);
    const bob = await colleague();
    const answers = await Promise.all([resolve(id), resolve(id, bob), resolve(id), resolve(id, bob)]);
    expect(answers.map(({ status, json }) => [status, json.status])).toEqual(Array(4).fill([200, "resolved"]));
    expect(await actionsOf(id)).toEqual(["raised", "resolved"]);
    expect(await told("alert.resolved")).toHaveLength(1);
    await world.evaluate([world.frame(run(31, 100, 85))]);
    const next = (await world.alerts()).find(({ status }) => status === "open")?.id as AlertId;
    const [taken, closed] = await Promise.all([ack(next), resolve(next, bob)]);
    expect(closed.status).toBe(200);
    const story = await actionsOf(next);
    expect(story).toEqual(taken.status === 200 ? ["raised", "acked", "resolved"] : ["raised", "resolved"]);
    expect([200, 409]).toContain(taken.status);
  });
  test("giving away, taking and snoozing at once: each is recorded once, in one order, and the last one's owner stands", async () => {
    const id = await openWarning();
    const bob = await colleague();
    const answers = await Promise.all([assign(id, bob.doctorId), ack(id), snooze(id, 30, bob), ack(id, bob)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const after = await read(id);
    expect(after.history.filter(({ action }) => action === "acked")).toHaveLength(1);
    expect(after.history.filter(({ action }) => action === "snoozed")).toHaveLength(1);
    const owning = after.history.findLast(({ action }) => action === "acked" || action === "assigned");
    expect(after.owner?.accountId as string).toBe((owning?.to ?? owning?.by)?.accountId as string);
    expect(after).toMatchObject({ status: "acked", snoozedUntil: at(start + 30 * minute) });
  });
  test("a snooze against the readings that clear: whoever comes second sees the other; never snoozed and ended", async () => {
    const id = await openWarning();
    const [answer] = await Promise.all([snooze(id, 30), world.evaluate([world.frame([[50, 96]])])]);
    const after = await read(id);
    expect(after.status).toBe("resolved");
    expect(after.snoozedUntil).toBeUndefined();
    expect(await actionsOf(id)).toEqual(answer.status === 200 ? ["raised", "snoozed", "resolved"] : ["raised", "resolved"]);
    expect((await world.alerts())[0]?.snoozed_until).toBeNull();
  });
});

describe("an acknowledgement and what got worse since", () => {
  const stepped = async () => {
    const rule = {
      ...{ kind: "threshold", code: "59408-5", op: "<", value: 92, unit: "%", holdSeconds: 10, gapSeconds: 60, severity: "warning" },
      clear: { value: 94, seconds: 10 },
      steps: [{ severity: "critical", afterSeconds: 60 }],
    } as const;
    const body = { name: "SpO2 < 92 %", scope: { kind: "clinic" }, rule } as const;
    const created = (await world.api.call(createRule, { actor: world.doctor, body })).json;
    await world.evaluate([world.frame(run(0, 10, 91))]);
    const [row] = await world.database.owner`select id from alerts where rule_id = ${created.id}`;
    return row?.id as AlertId;
  };
  test("it covers the severity it was given for: worse, the alert is open again and told again; the history says who had it", async () => {
    const id = await stepped();
    await ack(id);
    world.clock.advance(70_000);
    await world.evaluate([world.frame(run(11, 69, 91))]);
    expect((await read(id)).status).toBe("acked");
    await world.evaluate([world.frame(run(70, 75, 91))]);
    const after = await read(id);
    expect(after).toMatchObject({ status: "open", severity: "critical" });
    expect([after.owner, after.ackedAt, after.ackExpiresAt]).toEqual([undefined, undefined, undefined]);
    expect(after.explanation.finding).toMatchObject({ kind: "threshold", step: { severity: "critical", afterSeconds: 60 }, reading: 91 });
    expect(after.history.map(({ action, by }) => [action, by?.accountId])).toEqual([
      ["raised", undefined],
      ["acked", world.doctor.accountId],
      ["worsened", undefined],
      ["ack-pierced", undefined],
    ]);
    expect((await told("alert.raised")).map(({ severity, status, accountId }) => [severity, status, accountId])).toEqual([
      ["warning", "open", undefined],
      ["critical", "open", undefined],
    ]);
    // Taken anew, it counts as long as that of a critical alert.
    expect((await ack(id)).json).toMatchObject({ status: "acked", ackExpiresAt: at(world.clock.now() + 60 * minute) });
  });
  test("taken and worse in one transaction with its end: it has ended, and nobody is called", async () => {
    const id = await stepped();
    await ack(id);
    await world.evaluate([world.frame([...run(11, 75, 91), ...run(76, 90, 96)])]);
    expect(await read(id)).toMatchObject({ status: "resolved", severity: "critical" });
    expect(await told("alert.raised")).toHaveLength(1);
  });
});
