import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import {
  ackAlert,
  assignAlert,
  commentAlert,
  getAlert,
  listAlerts,
  listAssignees,
  resolveAlert,
  snoozeAlert,
} from "@episante/contracts/alert";
import type { AlertId, ClinicId, DoctorId } from "@episante/contracts/ids";
import { putOnCall } from "@episante/contracts/on-call";
import { createRule } from "@episante/contracts/rule";
import type { UserActor } from "@episante/contracts/session";
import { newId } from "@episante/service/ids";
import { doctorActor, staffActor } from "@episante/testkit/actors";
import { expectProblem } from "@episante/testkit/refusals";
import { addPerson, makeWorld, openAlert, start, type World } from "../../test/world.ts";
import { escalateAlerts } from "./escalate-alerts.ts";

const firedS = 30;
const hourS = 3600;
let world: World;
/** A doctor of the clinic who treats nobody, and is the only one who is called. */
let head: UserActor;
let membershipId: `mbr_${string}`;
const worlds: World[] = [];
beforeEach(async () => {
  world = await makeWorld();
  worlds.push(world);
  head = doctorActor({ clinicId: world.clinicId });
  membershipId = newId("mbr", start);
  const doctorOf = (actor: UserActor) => ({ doctorId: actor.memberships[0]?.doctorId });
  await addPerson(world, world.doctor.accountId, doctorOf(world.doctor));
  await addPerson(world, head.accountId, { membershipId, ...doctorOf(head) });
  await call(head);
});
afterAll(async () => {
  for (const one of worlds) await one.close();
});

async function call(who: UserActor): Promise<void> {
  const chain = [{ to: who.accountId, afterSeconds: 0 }];
  const body = { chains: { critical: chain, warning: chain }, rota: { weekly: [], exceptions: [] }, quiet: null };
  expect((await world.api.call(putOnCall, { actor: world.doctor, body })).status).toBe(200);
}
async function at(second: number): Promise<void> {
  world.clock.set(start + second * 1000);
  await escalateAlerts(world.deps, world.clock.now());
}
const list = async (actor: UserActor = head, query = {}) => {
  const { json } = await world.api.call(listAlerts, { actor, query });
  return json.items.map(({ id }: { id: string }) => id);
};
const get = (id: AlertId, actor: UserActor = head) => world.api.call(getAlert, { actor, params: { id } });
const refused = async (id: AlertId) => {
  expect(await list()).toEqual([]);
  expectProblem(await get(id), 403, "care-relationship-required");
  expectProblem(await world.api.call(ackAlert, { actor: head, params: { id } }), 403, "care-relationship-required");
  expectProblem(
    await world.api.call(listAlerts, { actor: head, query: { patientId: world.patientId } }),
    403,
    "care-relationship-required",
  );
};
/** What the audit says of an account: code, outcome and reason, and of whom. */
const recordsOf = async ({ accountId }: UserActor) =>
  (
    await world.database
      .owner`select payload::jsonb as r from outbox where type = 'audit' and payload like ${`%${accountId}%`} order by seq`
  )
    .map(({ r }) => [r.code, r.outcome, r.reason, ...r.patientIds])
    .filter(([code]) => code !== "alert.put-on-call");

describe("a doctor who does not treat the patient", () => {
  test("sees nothing before the page; after it acts in every way, and each record says that it rests on the page", async () => {
    const id = await openAlert(world);
    await refused(id);
    await at(firedS);
    await world.database.owner`delete from outbox`;
    expect(await list()).toEqual([id]);
    expect(await list(head, { patientId: world.patientId })).toEqual([id]);
    const params = { id };
    const to = world.doctor.memberships[0]?.doctorId as DoctorId;
    const seen = (await get(id)).json;
    expect(seen).toMatchObject({ id, status: "open", history: [{ action: "raised" }, { action: "paged" }] });
    expect(seen.trend.length).toBeGreaterThan(0);
    const steps = [
      await world.api.call(listAssignees, { actor: head, params }),
      await world.api.call(commentAlert, { actor: head, params, body: { text: "on my way" } }),
      await world.api.call(ackAlert, { actor: head, params }),
      await world.api.call(snoozeAlert, { actor: head, params, body: { minutes: 15 } }),
      await world.api.call(assignAlert, { actor: head, params, body: { to } }),
      await world.api.call(resolveAlert, { actor: head, params }),
    ];
    expect(steps.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(steps[2]?.json).toMatchObject({ status: "acked", owner: { accountId: head.accountId } });
    expect(await list(head, { status: "resolved" })).toEqual([id]);
    const codes = ["list", "list", "get", "list-assignees", "comment", "ack", "snooze", "assign", "resolve", "list"];
    expect(await recordsOf(head)).toEqual(codes.map((code) => [`alert.${code}`, "ok", "paged", world.patientId]));
  });
  test("sees that patient's alerts only: another one's stays closed", async () => {
    const other = newId("pat", start);
    await world.relate(world.doctor.memberships[0]?.doctorId as DoctorId, other);
    const theirs = await openAlert(world, 0, other, { deviceId: "dev_other" });
    await world.api.call(ackAlert, { actor: world.doctor, params: { id: theirs } });
    const id = await openAlert(world);
    await at(firedS);
    expect(await list()).toEqual([id]);
    expectProblem(await get(theirs), 403, "care-relationship-required");
  });
  test("sees them for twelve hours from the page, and a later page begins anew", async () => {
    const id = await openAlert(world);
    await at(firedS);
    await at(firedS + 12 * hourS - 1);
    expect(await list()).toEqual([id]);
    await at(firedS + 12 * hourS);
    await refused(id);
    await world.api.call(resolveAlert, { actor: world.doctor, params: { id } });
    const again = await openAlert(world, 12 * hourS + 60);
    await at(12 * hourS + 100);
    expect((await list()).sort()).toEqual([id, again].sort());
  });
  test("loses them with the membership: at once, whatever the session still says, and without the role like a stranger", async () => {
    const id = await openAlert(world);
    await at(firedS);
    expect((await get(id)).status).toBe(200);
    expectProblem(await get(id, { ...head, memberships: [] }), 403, "forbidden");
    expectProblem(await get(id, { ...doctorActor(), accountId: head.accountId }), 404, "not-found");
    const doctorId = head.memberships[0]?.doctorId;
    await addPerson(world, head.accountId, { membershipId, status: "ended", doctorId });
    await refused(id);
  });
  test("beside patients they treat: each record says of whom it rests on the page", async () => {
    const treated = newId("pat", start);
    await world.relate(head.memberships[0]?.doctorId as DoctorId, treated);
    await openAlert(world);
    await at(firedS);
    await world.database.owner`delete from outbox`;
    await list();
    expect(await recordsOf(head)).toEqual([
      ["alert.list", "ok", undefined, treated],
      ["alert.list", "ok", "paged", world.patientId],
    ]);
  });
});

test("another clinic's alerts of the same patient stay closed, to a doctor of both clinics too", async () => {
  const elsewhere: ClinicId = newId("cli", start);
  const theirDoctor = doctorActor({ clinicId: elsewhere });
  await world.relate(theirDoctor.memberships[0]?.doctorId as DoctorId, world.patientId, elsewhere);
  const doctorId = newId("doc", start);
  await addPerson(world, head.accountId, { clinicId: elsewhere, doctorId });
  const both = { ...head, memberships: [...head.memberships, { clinicId: elsewhere, role: "doctor" as const, doctorId }] };
  const rule = {
    kind: "threshold",
    code: "8867-4",
    op: ">",
    value: 120,
    unit: "/min",
    holdSeconds: 0,
    gapSeconds: 60,
    severity: "critical",
  } as const;
  const body = { name: "HR > 120", scope: { kind: "clinic" as const }, rule };
  expect((await world.api.call(createRule, { actor: theirDoctor, body })).status).toBe(201);
  const readings: [string, string, number, number][] = [["8867-4", "heart-rate", 150, start + 10_000]];
  await world.evaluate([world.frame([[10, 0]], { clinicId: elsewhere, deviceId: "dev_theirs", readings: readings as never })]);
  const [theirs] = await list(theirDoctor);
  expect(theirs).toStartWith("alr_");
  await world.api.call(ackAlert, { actor: theirDoctor, params: { id: theirs } });
  const id = await openAlert(world);
  await at(firedS);
  expect(await list(both)).toEqual([id]);
  expect(await list(both, { patientId: world.patientId })).toEqual([id]);
  expectProblem(await get(theirs, both), 403, "care-relationship-required");
  expectProblem(await world.api.call(ackAlert, { actor: both, params: { id: theirs } }), 403, "care-relationship-required");
});

test("a page to somebody who is no doctor opens nothing, even once they are one", async () => {
  const nurse = staffActor(world.clinicId);
  await addPerson(world, nurse.accountId);
  await call(nurse);
  const id = await openAlert(world);
  await at(firedS);
  expectProblem(await get(id, nurse), 403, "forbidden");
  const doctorId = newId("doc", start);
  await addPerson(world, nurse.accountId, { doctorId });
  const later = { ...nurse, memberships: [{ clinicId: world.clinicId, role: "doctor" as const, doctorId }] };
  expectProblem(await get(id, later), 403, "care-relationship-required");
  expect(await list(later)).toEqual([]);
});
