import { afterEach, beforeEach, expect, test } from "bun:test";
import type { EventData } from "@episante/contracts/events";
import {
  captured,
  getMessagePreferences,
  inbox,
  inboxUnread,
  putMessagePreferences,
  readAllPages,
  readPage,
} from "@episante/contracts/notification";
import type { UserActor } from "@episante/contracts/session";
import { newId } from "@episante/service/ids";
import { doctorActor, patientActor, staffActor } from "@episante/testkit/actors";
import { messageWorld, startMs, type World } from "../../test/world.ts";
import { deliverDuePages } from "../actions/deliver-pages.ts";

type Paged = EventData<"alert.paged">;
let world: World;
let doctor: ReturnType<typeof doctorActor>;
beforeEach(async () => {
  world = await messageWorld();
  doctor = doctorActor({ clinicId: world.upstream.clinicId });
});
afterEach(() => world.close());

const alertOf = (severity: Paged["severity"] = "critical") => ({ id: newId("alr", startMs), patientId: newId("pat", startMs), severity });
async function page(more: Partial<Paged> = {}): Promise<Paged> {
  world.clock.advance(1_000);
  const data: Paged = {
    id: newId("pag", world.clock.now()),
    clinicId: world.upstream.clinicId,
    accountId: doctor.accountId as Paged["accountId"],
    kind: "page",
    severity: "critical",
    alerts: [alertOf()],
    step: 0,
    at: new Date(world.clock.now()).toISOString(),
    ...more,
  };
  await world.receive("alert.paged", data);
  return data;
}
const listed = async (query: object = {}, actor: UserActor = doctor) =>
  (await world.harness.call(inbox, { actor, query: query as never })).json;
const unread = async () => (await world.harness.call(inboxUnread, { actor: doctor })).json.unread;

test("an account sees its own pages, newest first, with which alerts and how urgent; nobody else's, not even in its clinic", async () => {
  const first = await page();
  const second = await page({ severity: "warning", kind: "digest", step: undefined, late: true });
  const answer = await listed();
  expect(answer.items).toMatchObject([
    { id: second.id, template: "alert-digest", status: "queued", page: { kind: "digest", severity: "warning", late: true } },
    { id: first.id, template: "alert-page", page: { kind: "page", severity: "critical", step: 0, alerts: first.alerts } },
  ]);
  expect(answer.unread).toBe(2);
  for (const other of [staffActor(world.upstream.clinicId), doctorActor({ clinicId: world.upstream.clinicId }), patientActor()])
    expect(await listed({}, other)).toEqual({ items: [], unread: 0 });
  const gone = { ...doctorActor(), accountId: doctor.accountId };
  expect(await listed({}, gone)).toEqual({ items: [], unread: 0 });
});

test("reading one or all is counted; a page that grows is unread again, in its place", async () => {
  const [first, second] = [await page(), await page()];
  const read = (actor = doctor) => world.harness.call(readPage, { actor, params: { id: first.id } });
  expect((await read()).json).toEqual({ unread: 1 });
  expect((await read()).json).toEqual({ unread: 1 });
  expect((await read(doctorActor({ clinicId: world.upstream.clinicId }))).json.code).toBe("not-found");
  await world.receive("alert.paged", { ...first, alerts: [...first.alerts, alertOf()] });
  expect(await unread()).toBe(2);
  const { items } = await listed();
  expect(items.map(({ id }: { id: string }) => id)).toEqual([second.id, first.id]);
  expect(items[1]).toMatchObject({ page: { alerts: [{}, {}] } });
  expect(items[1].readAt).toBeUndefined();
  expect((await world.harness.call(readAllPages, { actor: doctor })).json).toEqual({ unread: 0 });
  expect((await listed()).items[0].readAt).toBe(new Date(world.clock.now()).toISOString());
});

test("pages of the list lose and repeat nothing, also where messages about visits lie between; each can be asked for alone", async () => {
  const patient = patientActor();
  const both = { ...doctor, patientId: patient.patientId };
  for (let count = 0; count < 3; count++) {
    await page();
    world.clock.advance(1_000);
    await world.receive("appointment.booked", world.visitOf(patient));
  }
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const answer = await listed({ limit: 2, ...(cursor ? { cursor } : {}) }, both);
    seen.push(...answer.items.map(({ id }: { id: string }) => id.slice(0, 3)));
    cursor = answer.next;
  } while (cursor);
  expect(seen).toEqual(["msg", "pag", "msg", "pag", "msg", "pag"]);
  const only = async (about: string) => (await listed({ about }, both)).items.map(({ id }: { id: string }) => id.slice(0, 3));
  expect([await only("visits"), await only("alerts")]).toEqual([Array(3).fill("msg"), Array(3).fill("pag")]);
  expect((await listed({ cursor: "1.x" })).code).toBe("invalid-input");
});

test("reading the list is recorded with the patients it names; asking for the number alone leaves no record", async () => {
  const { alerts } = await page();
  const records = async () =>
    (await world.database.owner`select payload from outbox where type = 'audit' order by seq`).map((row) => String(row.payload));
  await unread();
  expect(await records()).toEqual([]);
  await listed();
  expect(await records()).toEqual([expect.stringContaining(String(alerts[0]?.patientId))]);
});

test("the capture inbox shows a page's mail to members of its clinic, to no other", async () => {
  await page();
  await deliverDuePages(world.deps);
  const shown = async (actor: ReturnType<typeof staffActor>) => (await world.harness.call(captured, { actor })).json.items.length;
  expect([await shown(staffActor(world.upstream.clinicId)), await shown(staffActor())]).toEqual([1, 0]);
});

test("preferences are every mail in the clinic's zone until chosen; critical mails and unknown zones cannot be chosen away", async () => {
  const get = async () => (await world.harness.call(getMessagePreferences, { actor: doctor })).json;
  const put = async (body: object) => (await world.harness.call(putMessagePreferences, { actor: doctor, body: body as never })).json;
  const all = { critical: true, warning: true, notice: true };
  expect(await get()).toEqual({ alertMail: all });
  const chosen = { alertMail: { ...all, notice: false }, zone: "Indian/Reunion" };
  expect(await put(chosen)).toEqual(chosen);
  expect(await get()).toEqual(chosen);
  expect((await put({ alertMail: { ...all, critical: false } })).errors).toMatchObject([{ path: "alertMail.critical" }]);
  expect((await put({ alertMail: all, zone: "Mars/Olympus" })).errors).toMatchObject([{ path: "zone" }]);
  expect(await get()).toEqual(chosen);
  expect(await put({ alertMail: all })).toEqual({ alertMail: all });
  expect(await get()).toEqual({ alertMail: all });
});
