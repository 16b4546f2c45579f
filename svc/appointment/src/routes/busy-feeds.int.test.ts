import { afterEach, beforeEach, expect, test } from "bun:test";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { book, listSlots, whyNot } from "@episante/contracts/appointment";
import { addBusyFeed, listBusyFeeds, listBusyTimes, removeBusyFeed } from "@episante/contracts/busy-feed";
import { patientActor } from "@episante/testkit/actors";
import { expectProblem } from "@episante/testkit/refusals";
import { bookingWorld, freshKey, tuesdayNine, type World } from "../../test/world.ts";
import { readDueFeeds } from "../actions/read-busy-feeds.ts";

let world: World;
let server: Server;
let url: string;
/** What the calendar answers next: a text with its tag, or a status. */
let answer: { text: string; tag?: string } | number;
let asked = 0;
beforeEach(async () => {
  world = await bookingWorld();
  asked = 0;
  server = createServer((request, response) => {
    asked++;
    if (typeof answer === "number") return response.writeHead(answer).end();
    if (answer.tag && request.headers["if-none-match"] === answer.tag) return response.writeHead(304).end();
    if (answer.tag) response.setHeader("etag", answer.tag);
    return response.end(answer.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/private/0123456789.ics`;
  answer = { text: busy("20261124T080000Z", "20261124T090000Z"), tag: '"1"' };
});
afterEach(async () => {
  server.close();
  await world.close();
});

const minuteMs = 60_000;
function busy(from: string, to: string, title = "Kinderarzt"): string {
  const event = `BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:${title}\r\nDTSTART:${from}\r\nDTEND:${to}\r\nEND:VEVENT`;
  return `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${event}\r\nEND:VCALENDAR`;
}
const deps = () => ({ ...world.deps, allowsLocalCalendars: true });
const read = () => readDueFeeds(deps());
/** The world's own deps refuse this machine; the row is put as the route would. */
async function added(): Promise<string> {
  const made = await world.harness.call(addBusyFeed, {
    actor: world.doctor,
    body: { doctorId: world.doctorId, url: "https://cal.example/a" },
  });
  expect(made.status).toBe(201);
  await world.database.owner`update busy_feeds set url = ${url} where id = ${made.json.id}`;
  return made.json.id;
}
const feed = async () =>
  (await world.harness.call(listBusyFeeds, { actor: world.doctor, query: { doctorId: world.doctorId } })).json.items[0];
const starts = async (actor: World["staff"] = world.patient) => {
  const query = { doctorId: world.doctorId, reasonId: world.reasons.r20, from: "2026-11-24", to: "2026-11-24" };
  return (await world.harness.call(listSlots, { actor, query })).json.items.map((item: { start: string }) => item.start.slice(11, 16));
};
const bookAt = (actor: World["staff"], more: Record<string, unknown> = {}) =>
  world.harness.call(book, {
    actor,
    body: { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine, ...more },
    headers: freshKey(),
  });

test("a busy time is offered to no patient and booked by none; members see why and may book it all the same", async () => {
  expect(await starts()).toContain("08:00");
  await added();
  await read();
  expect((await starts()).slice(0, 2)).toEqual(["09:00", "09:20"]);
  const refused = await bookAt(world.patient);
  expectProblem(refused, 422, "slot-outside-hours");
  expect(refused.json.why).toBe("external");
  const query = { doctorId: world.doctorId, reasonId: world.reasons.r20, at: tuesdayNine };
  const { json: why } = await world.harness.call(whyNot, { actor: world.staff, query });
  expect(why).toMatchObject({
    online: false,
    staff: true,
    blockers: [{ code: "external", binds: "patients", start: tuesdayNine, end: "2026-11-24T09:00:00.000Z" }],
  });
  expect(await starts(world.staff)).toContain("08:00");
  expect((await bookAt(world.staff, { patientId: await world.knownPatient() })).status).toBe(201);
});

test("a booking is judged by the times that count when it is written, also when it was listed before", async () => {
  expect(await starts()).toContain("08:00");
  await added();
  expect((await bookAt(patientActor())).status).toBe(201);
  await read();
  expectProblem(await bookAt(patientActor(), { start: "2026-11-24T08:20:00.000Z" }), 422, "slot-outside-hours");
});

test("visits that lie in a busy time stay, and are listed", async () => {
  const { id } = (await bookAt(world.patient)).json;
  await added();
  await read();
  expect(await feed()).toMatchObject({ blocks: 1, visits: [{ id, patientId: world.patient.patientId, start: tuesdayNine }] });
});

test("only times are kept: no title, and the address is shown to nobody again", async () => {
  await added();
  await read();
  expect(JSON.stringify(await feed())).not.toMatch(/Kinderarzt|0123456789/);
  expect((await feed()).host).toBe(new URL(url).host);
  const blocks = await world.database.owner`select blocks from busy_blocks`;
  expect(blocks[0]?.blocks).toEqual([[Date.parse(tuesdayNine), Date.parse("2026-11-24T09:00:00Z")]]);
  for (const { payload } of await world.database.owner`select payload from outbox`)
    expect(String(payload)).not.toMatch(/Kinderarzt|0123456789/);
});

test("it is asked again after a quarter of an hour, and nothing that did not change moves the doctor's facts on", async () => {
  await added();
  await read();
  const version = async () => (await world.database.owner`select version from doctors where doctor_id = ${world.doctorId}`)[0]?.version;
  const before = await version();
  await read();
  expect(asked).toBe(1);
  world.clock.advance(17 * minuteMs);
  await read();
  expect(asked).toBe(2);
  // Another tag, the same times.
  answer = { text: busy("20261124T080000Z", "20261124T090000Z", "Zahnarzt"), tag: '"2"' };
  world.clock.advance(17 * minuteMs);
  await read();
  expect([asked, await version()]).toEqual([3, before]);
  answer = { text: busy("20261124T090000Z", "20261124T100000Z"), tag: '"3"' };
  world.clock.advance(17 * minuteMs);
  await read();
  expect(await version()).not.toEqual(before);
  expect(await starts()).toEqual(["08:00", "08:20", "08:40", "10:00", "10:20", "10:40"]);
});

test("a calendar that fails keeps its last times, and says what is wrong and since when; then it recovers", async () => {
  await added();
  await read();
  const good = await feed();
  for (const [broken, fault] of [
    [500, "refused"],
    [{ text: "<html>Sign in</html>" }, "not-a-calendar"],
  ] as const) {
    answer = broken;
    world.clock.advance(17 * minuteMs);
    await read();
    expect(await feed()).toMatchObject({ fault, answeredAt: good.answeredAt, blocks: 1 });
    expect(Date.parse((await feed()).triedAt)).toBe(world.clock.now());
    expect(await starts()).not.toContain("08:00");
  }
  answer = { text: busy("20261125T080000Z", "20261125T090000Z") };
  world.clock.advance(17 * minuteMs);
  await read();
  expect((await feed()).fault).toBeUndefined();
  expect(await starts()).toContain("08:00");
});

test("removing a calendar frees its times at once", async () => {
  const id = await added();
  await read();
  expect((await world.harness.call(removeBusyFeed, { actor: world.staff, params: { id } })).status).toBe(204);
  expect(await starts()).toContain("08:00");
  expect(await feed()).toBeUndefined();
  expectProblem(await world.harness.call(removeBusyFeed, { actor: world.staff, params: { id } }), 404, "not-found");
});

test("the published next openings follow", async () => {
  await added();
  await read();
  const [row] = await world.database.owner`select openings from published_openings where doctor_id = ${world.doctorId}`;
  expect(JSON.stringify(row?.openings)).not.toContain("2026-11-24T08:");
  expect(JSON.stringify(row?.openings)).toContain("2026-11-24T09:");
});

test("the agenda sees the times of its doctors", async () => {
  await added();
  await read();
  const query = { doctorIds: `${world.doctorId},${world.otherDoctorId}`, from: "2026-11-24T00:00:00.000Z", to: "2026-11-25T00:00:00.000Z" };
  const times = await world.harness.call(listBusyTimes, { actor: world.staff, query });
  expect(times.json.items).toEqual([{ doctorId: world.doctorId, start: tuesdayNine, end: "2026-11-24T09:00:00.000Z" }]);
});
