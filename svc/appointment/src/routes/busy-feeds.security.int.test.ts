import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { addBusyFeed, listBusyFeeds, listBusyTimes, removeBusyFeed } from "@episante/contracts/busy-feed";
import { adminActor, doctorActor, staffActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { bookingWorld, type World } from "../../test/world.ts";

let world: World;
let id: string;
beforeAll(async () => {
  world = await bookingWorld();
  id = (await add(world.doctor, "https://calendar.example/secret-0123456789.ics")).json.id;
});
afterAll(() => world.close());

const add = (actor: Parameters<typeof world.harness.tokenFor>[0], url: string) =>
  world.harness.call(addBusyFeed, { actor, body: { doctorId: world.doctorId, url } });
const times = { from: "2026-11-24T00:00:00.000Z", to: "2026-11-25T00:00:00.000Z" };

describe("refusals every endpoint gives", () => {
  const accepted = () => ({ doctorId: world.doctorId, url: "https://calendar.example/b" });
  refusals(addBusyFeed, async () => ({ harness: world.harness, accepted: { actor: world.doctor, body: accepted() } }));
  refusals(listBusyFeeds, async () => ({ harness: world.harness, accepted: { actor: world.staff, query: { doctorId: world.doctorId } } }));
  refusals(removeBusyFeed, async () => ({
    harness: world.harness,
    accepted: { actor: world.staff, params: { id: `bsy_${"0".repeat(32)}` } },
  }));
  refusals(listBusyTimes, async () => ({
    harness: world.harness,
    accepted: { actor: world.staff, query: { doctorIds: world.doctorId, ...times } },
  }));
});

test("strangers, other clinics and colleagues neither add, see nor remove a doctor's calendar", async () => {
  const colleague = doctorActor({ clinicId: world.clinicId, doctorId: world.otherDoctorId });
  for (const actor of [staffActor(), doctorActor(), colleague]) {
    expectProblem(await add(actor, "https://calendar.example/x"), 404, "not-found");
    expectProblem(await world.harness.call(listBusyFeeds, { actor, query: { doctorId: world.doctorId } }), 404, "not-found");
    expectProblem(await world.harness.call(removeBusyFeed, { actor, params: { id } }), 404, "not-found");
  }
  for (const actor of [staffActor(), doctorActor()])
    expectProblem(await world.harness.call(listBusyTimes, { actor, query: { doctorIds: world.doctorId, ...times } }), 404, "not-found");
  expectProblem(
    await world.harness.call(listBusyFeeds, { actor: adminActor(world.clinicId), query: { doctorId: world.doctorId } }),
    403,
    "forbidden",
  );
  expect((await world.database.owner`select 1 from busy_feeds where id = ${id}`).length).toBe(1);
});

test("no address that could reach inside or tell a password is kept", async () => {
  for (const url of ["http://calendar.example/a", "file:///etc/passwd", "https://me:secret@calendar.example/a", "javascript:alert(1)", "x"])
    expectProblem(await add(world.doctor, url), 422, "invalid-input");
});

test("a doctor has at most five calendars, and each once", async () => {
  expectProblem(await add(world.doctor, "https://calendar.example/secret-0123456789.ics"), 409, "wrong-state");
  for (let count = 0; count < 6; count++) await add(world.doctor, `https://calendar.example/${count}`);
  const listed = await world.harness.call(listBusyFeeds, { actor: world.doctor, query: { doctorId: world.doctorId } });
  expect(listed.json.items).toHaveLength(5);
  expect(listed.text).not.toContain("0123456789");
  expectProblem(await add(world.doctor, "https://calendar.example/more"), 409, "wrong-state");
});

test("row-level security hides every calendar from a context that is granted nothing", async () => {
  expect(await world.database.db.bulk`select id from busy_feeds`).toHaveLength(0);
});
