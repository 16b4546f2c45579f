import { afterAll, beforeAll, expect, test } from "bun:test";
import { appointmentForMessage, book, cancel } from "@episante/contracts/appointment";
import { createFeed, listFeeds, readFeed, revokeFeed, visitCalendarFile } from "@episante/contracts/calendar-feed";
import { getDoctor } from "@episante/contracts/doctor";
import { refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { moveVisit } from "@episante/contracts/visit";
import type { CallInternal } from "@episante/service/call";
import { patientActor, serviceActor } from "@episante/testkit/actors";
import { expectProblem } from "@episante/testkit/refusals";
import { type Harness, harness } from "@episante/testkit/service";
import { bookingWorld, freshKey, mondayMorning, type World } from "../../test/world.ts";
import { routes } from "../app.ts";

let world: World;
/** As the world's, with a directory that answers, or does not. */
let app: Harness;
let directoryIsUp = true;
beforeAll(async () => {
  world = await bookingWorld();
  const directory = async (endpoint: { id: string }) => {
    if (!directoryIsUp) return refuse("upstream-unreachable");
    if (endpoint.id === getDoctor.id) return { givenName: "Claire", familyName: "Morel" };
    return { items: [{ id: world.reasons.r20, name: { fr: "Suivi", en: "Follow-up" } }] };
  };
  app = await harness({ service: "appointment", routes: routes({ ...world.deps, callInternal: directory as unknown as CallInternal }) });
});
afterAll(() => world.close());

async function bookAt(start: string, actor: Actor = world.patient): Promise<string> {
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start };
  const answer = await app.call(book, { actor, body, headers: freshKey() });
  expect(answer.status).toBe(201);
  return answer.json.id;
}
async function makeFeed(actor: Actor, body: object): Promise<{ id: string; token: string }> {
  const answer = await app.call(createFeed, { actor, body });
  expect(answer.status).toBe(201);
  return { id: answer.json.id, token: /^\/api\/appointments\/feeds\/([\w-]{43})\.ics$/.exec(answer.json.url)?.[1] ?? "" };
}
const read = (token: string, headers: Record<string, string> = {}) => app.call(readFeed, { params: { token }, headers });
/** RFC 5545 folds long lines: put together again. */
const unfolded = (text: string) => text.replace(/\r\n /g, "");
const linesOf = (text: string, name: string) =>
  unfolded(text)
    .split("\r\n")
    .filter((line) => line.startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1));

test("a visit's file is the mail's: same UID, sequence and instants, after a move a higher sequence", async () => {
  const id = await bookAt("2026-11-24T08:00:00.000Z");
  const file = () => app.call(visitCalendarFile, { actor: world.patient, params: { id } });
  const first = await file();
  expect(first.status).toBe(200);
  expect(first.headers.get("content-type")).toBe("text/calendar; charset=utf-8");
  expect(linesOf(first.text, "UID")).toEqual([`${id}@episante`]);
  expect(linesOf(first.text, "DTSTART")).toEqual(["20261124T080000Z"]);
  expect(linesOf(first.text, "DTEND")).toEqual(["20261124T082000Z"]);
  const moved = await app.call(moveVisit, {
    actor: world.patient,
    params: { id },
    body: { start: "2026-11-24T08:20:00.000Z" },
    headers: freshKey(),
  });
  expect(moved.status).toBe(200);
  const second = await file();
  expect(linesOf(second.text, "UID")).toEqual(linesOf(first.text, "UID"));
  expect(linesOf(second.text, "DTSTART")).toEqual(["20261124T082000Z"]);
  expect(Number(linesOf(second.text, "SEQUENCE")[0])).toBeGreaterThan(Number(linesOf(first.text, "SEQUENCE")[0]));
  const mail = await app.call(appointmentForMessage, { actor: serviceActor("notification"), params: { id } });
  for (const name of ["UID", "SEQUENCE", "DTSTART", "DTEND"]) expect(linesOf(mail.json.ics, name)).toEqual(linesOf(second.text, name));
});

test("every surface tells one visit at the same instants on both sides of a clock change", async () => {
  const patient = patientActor();
  const { token } = await makeFeed(patient, { kind: "patient" });
  // Europe/Paris leaves summer time on 25 October 2026 and enters it on 28 March 2027.
  world.clock.set(Date.parse("2026-10-20T06:00:00Z"));
  const starts = ["2026-10-23T07:00:00.000Z", "2026-10-26T08:00:00.000Z"];
  const ids = [];
  for (const start of starts) ids.push(await bookAt(start, patient));
  const feed = await read(token);
  expect(linesOf(feed.text, "DTSTART").sort()).toEqual(["20261023T070000Z", "20261026T080000Z"]);
  for (const [index, id] of ids.entries()) {
    const file = await app.call(visitCalendarFile, { actor: patient, params: { id } });
    expect(linesOf(file.text, "DTSTART")).toEqual([starts[index]?.replace(/[-:]|\.000/g, "") ?? ""]);
  }
  world.clock.set(mondayMorning);
});

test("a patient's feed holds the own visits only and tells no doctor, reason or speciality", async () => {
  const [patient, other] = [patientActor(), patientActor()];
  const mine = await bookAt("2026-11-25T08:00:00.000Z", patient);
  await bookAt("2026-11-25T08:20:00.000Z", other);
  const { token } = await makeFeed(patient, { kind: "patient" });
  const answer = await read(token);
  expect(answer.status).toBe(200);
  expect(linesOf(answer.text, "UID")).toEqual([`${mine}@episante`]);
  expect(linesOf(answer.text, "SUMMARY")).toEqual(["Rendez-vous"]);
  expect(answer.text).not.toMatch(/Morel|Suivi|pat_|doc_|rea_/);
  const english = await makeFeed(patient, { kind: "patient", locale: "en" });
  expect(linesOf((await read(english.token)).text, "SUMMARY")).toEqual(["Visit"]);
});

test("details are told when they were chosen; while the directory is silent the feed is refused rather than changed", async () => {
  const patient = patientActor();
  await bookAt("2026-11-26T08:00:00.000Z", patient);
  const { token } = await makeFeed(patient, { kind: "patient", details: true, locale: "en" });
  expect(linesOf((await read(token)).text, "SUMMARY")).toEqual(["Dr Claire Morel · Follow-up"]);
  directoryIsUp = false;
  expectProblem(await read(token), 503, "upstream-unreachable");
  directoryIsUp = true;
});

test("a doctor's feed holds the own agenda and never names a patient, with details the reason only", async () => {
  const patient = patientActor();
  const id = await bookAt("2026-11-27T08:00:00.000Z", patient);
  const plain = await read((await makeFeed(world.doctor, { kind: "doctor" })).token);
  expect(linesOf(plain.text, "UID")).toContain(`${id}@episante`);
  expect(new Set(linesOf(plain.text, "SUMMARY"))).toEqual(new Set(["Rendez-vous"]));
  const detailed = await read((await makeFeed(world.doctor, { kind: "doctor", details: true })).token);
  expect(new Set(linesOf(detailed.text, "SUMMARY"))).toEqual(new Set(["Suivi"]));
  expect(detailed.text).not.toMatch(/pat_|Morel/);
});

test("a doctor who left the clinic has no feed any more", async () => {
  const { token } = await makeFeed(world.doctor, { kind: "doctor" });
  await world.database.owner`update doctors set is_active = false where doctor_id = ${world.doctorId}`;
  expectProblem(await read(token), 404, "not-found");
  await world.database.owner`update doctors set is_active = true where doctor_id = ${world.doctorId}`;
  expect((await read(token)).status).toBe(200);
});

test("a cancelled visit stays as cancelled for 30 days, with a higher sequence", async () => {
  const patient = patientActor();
  const id = await bookAt("2026-11-30T08:00:00.000Z", patient);
  const { token } = await makeFeed(patient, { kind: "patient" });
  expect(linesOf((await read(token)).text, "STATUS")).toEqual(["CONFIRMED"]);
  expect((await app.call(cancel, { actor: patient, params: { id }, body: {} })).status).toBe(200);
  const after = await read(token);
  expect(linesOf(after.text, "STATUS")).toEqual(["CANCELLED"]);
  expect(linesOf(after.text, "SEQUENCE")).toEqual(["1"]);
  world.clock.set(mondayMorning + 29 * 86_400_000);
  expect(linesOf((await read(token)).text, "STATUS")).toEqual(["CANCELLED"]);
  world.clock.set(mondayMorning + 30 * 86_400_000);
  expect(linesOf((await read(token)).text, "STATUS")).toEqual([]);
  world.clock.set(mondayMorning);
});

test("what has not changed is answered 304, whatever the time; a change has another tag", async () => {
  const patient = patientActor();
  const id = await bookAt("2026-12-01T08:00:00.000Z", patient);
  const { token } = await makeFeed(patient, { kind: "patient" });
  const tag = (await read(token)).headers.get("etag") ?? "";
  world.clock.set(mondayMorning + 3_600_000);
  const again = await read(token, { "if-none-match": tag });
  expect([again.status, again.text, again.headers.get("etag")]).toEqual([304, "", tag]);
  await app.call(cancel, { actor: patient, params: { id }, body: {} });
  const changed = await read(token, { "if-none-match": tag });
  expect(changed.status).toBe(200);
  expect(changed.headers.get("etag")).not.toBe(tag);
  world.clock.set(mondayMorning);
});

test("a feed is listed without its token, with the day it was last read, and ends at once when it is revoked", async () => {
  const patient = patientActor();
  const { id, token } = await makeFeed(patient, { kind: "patient" });
  const before = await app.call(listFeeds, { actor: patient });
  expect(before.json.items.map((feed: { id: string }) => feed.id)).toEqual([id]);
  expect(before.json.items[0].lastReadOn).toBeUndefined();
  expect(before.text).not.toContain(token);
  await read(token);
  expect((await app.call(listFeeds, { actor: patient })).json.items[0].lastReadOn).toBe("2026-11-23");
  expect((await app.call(revokeFeed, { actor: patient, params: { id } })).status).toBe(204);
  const revoked = await read(token);
  expectProblem(revoked, 404, "not-found");
  const unknown = await read("A".repeat(43));
  const bare = ({ traceId: _, ...rest }: Record<string, unknown>) => rest;
  expect(bare(revoked.json)).toEqual(bare(unknown.json));
  expect((await app.call(listFeeds, { actor: patient })).json.items).toEqual([]);
  expectProblem(await app.call(revokeFeed, { actor: patient, params: { id } }), 404, "not-found");
});

test("of the token only a hash is kept", async () => {
  const { token } = await makeFeed(patientActor(), { kind: "patient" });
  const rows = await world.database.owner`select f::text as line from calendar_feeds f`;
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.some(({ line }) => String(line).includes(token))).toBe(false);
});

test("making, ending and the first reading of a day leave an audit record, further readings none", async () => {
  const patient = patientActor();
  await world.database.owner`delete from outbox`;
  const { id, token } = await makeFeed(patient, { kind: "patient" });
  for (let reading = 0; reading < 3; reading++) await read(token);
  world.clock.set(mondayMorning + 86_400_000);
  await read(token);
  world.clock.set(mondayMorning);
  await app.call(revokeFeed, { actor: patient, params: { id } });
  await read(token);
  const rows = await world.database.owner`select payload from outbox where type = 'audit' order by seq`;
  const records = rows.map(({ payload }) => JSON.parse(String(payload)));
  expect(records.map(({ code, outcome }) => `${code} ${outcome}`)).toEqual([
    "appointment.create-calendar ok",
    "appointment.read-calendar ok",
    "appointment.read-calendar ok",
    "appointment.revoke-calendar ok",
  ]);
  expect(records[1]).toMatchObject({ actor: { kind: "anonymous" }, patientIds: [patient.patientId], entity: { type: "calendar", id } });
  expect(JSON.stringify(records)).not.toContain(token);
});

test("an account has at most ten feeds of a kind", async () => {
  const patient = patientActor();
  for (let count = 0; count < 10; count++) await makeFeed(patient, { kind: "patient" });
  expectProblem(await app.call(createFeed, { actor: patient, body: { kind: "patient" } }), 409, "wrong-state");
});
