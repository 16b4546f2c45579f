import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { book } from "@episante/contracts/appointment";
import { createFeed, listFeeds, readFeed, revokeFeed, visitCalendarFile } from "@episante/contracts/calendar-feed";
import { doctorActor, patientActor, staffActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { bookingWorld, freshKey, tuesdayNine, type World } from "../../test/world.ts";

let world: World;
let visitId: string;
let feed: { id: string; token: string };
beforeAll(async () => {
  world = await bookingWorld();
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
  visitId = (await world.harness.call(book, { actor: world.patient, body, headers: freshKey() })).json.id;
  const { json } = await world.harness.call(createFeed, { actor: world.patient, body: { kind: "patient" } });
  feed = { id: json.id, token: json.url.slice(-47, -4) };
});
afterAll(() => world.close());

describe("refusals every endpoint gives", () => {
  refusals(visitCalendarFile, async () => ({ harness: world.harness, accepted: { actor: world.patient, params: { id: visitId } } }));
  refusals(createFeed, async () => ({ harness: world.harness, accepted: { actor: world.patient, body: { kind: "patient" } } }));
  refusals(listFeeds, async () => ({ harness: world.harness, accepted: { actor: world.patient } }));
  refusals(revokeFeed, async () => ({
    harness: world.harness,
    accepted: { actor: world.patient, params: { id: `cal_${"0".repeat(32)}` } },
  }));
  refusals(readFeed, async () => ({ harness: world.harness, accepted: { params: { token: feed.token } } }));
});

test("a visit's file answers strangers like a visit that does not exist", async () => {
  const file = (actor: Parameters<typeof world.harness.tokenFor>[0], id: string) =>
    world.harness.call(visitCalendarFile, { actor, params: { id } });
  for (const actor of [patientActor(), staffActor(), doctorActor()]) expectProblem(await file(actor, visitId), 404, "not-found");
  for (const id of [`apt_${"0".repeat(32)}`, "x", "..", `${visitId}.ics`]) expectProblem(await file(world.patient, id), 404, "not-found");
  for (const actor of [world.patient, world.staff, world.doctor]) expect((await file(actor, visitId)).status).toBe(200);
});

test("somebody else's feed is neither listed nor ended", async () => {
  const stranger = patientActor();
  expect((await world.harness.call(listFeeds, { actor: stranger })).json.items).toEqual([]);
  expectProblem(await world.harness.call(revokeFeed, { actor: stranger, params: { id: feed.id } }), 404, "not-found");
  expectProblem(await world.harness.call(revokeFeed, { actor: world.doctor, params: { id: feed.id } }), 404, "not-found");
  expect((await world.harness.call(readFeed, { params: { token: feed.token } })).status).toBe(200);
});

test("a feed is made for oneself only: no other doctor's agenda, no patient's feed without being a patient", async () => {
  const make = (actor: Parameters<typeof world.harness.tokenFor>[0], body: object) => world.harness.call(createFeed, { actor, body });
  expectProblem(await make(world.doctor, { kind: "doctor", doctorId: world.otherDoctorId }), 404, "not-found");
  expectProblem(await make(world.patient, { kind: "doctor" }), 404, "not-found");
  expectProblem(await make(world.patient, { kind: "doctor", doctorId: world.doctorId }), 404, "not-found");
  expectProblem(await make(world.patient, { kind: "patient", doctorId: world.doctorId }), 422, "invalid-input");
  expectProblem(await make(world.doctor, { kind: "patient" }), 404, "not-found");
  expectProblem(await make(world.patient, { kind: "clinic" }), 422, "invalid-input");
  const inTwo = { ...world.doctor, memberships: [...world.doctor.memberships, ...doctorActor().memberships] };
  expectProblem(await make(inTwo, { kind: "doctor" }), 422, "invalid-input");
  expect((await make(inTwo, { kind: "doctor", doctorId: world.doctorId })).status).toBe(201);
});

test("a token is taken whole or not at all", async () => {
  const { token } = feed;
  for (const wrong of [token.slice(1), `${token}a`, `${token.slice(0, -1)}${token.endsWith("A") ? "E" : "A"}`, "%00", "' or 1=1", "*"]) {
    const answer = await world.harness.call(readFeed, { params: { token: wrong } });
    expect([400, 404]).toContain(answer.status);
  }
  const withoutEnding = await world.harness.fetch(new Request(`http://service.test/api/appointments/feeds/${token}`));
  expect(withoutEnding.status).toBe(404);
});

test("row-level security hides every feed from a context that is granted nothing", async () => {
  const rows = await world.database.db.bulk`select id from calendar_feeds`;
  expect(rows).toHaveLength(0);
});
