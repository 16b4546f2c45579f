import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { visitFeed } from "@episante/contracts/visit";
import { staffActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import type { Harness } from "@episante/testkit/service";
import { bookingWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await bookingWorld();
});
afterAll(() => world.close());

/** As the harness calls, but an opened feed is let go instead of read to its end, which never comes. */
const callFeed: Harness["call"] = async (endpoint, { actor, headers: given, query } = {}) => {
  const headers = new Headers(given);
  if (actor && actor.kind !== "anonymous" && actor.kind !== "system")
    headers.set("authorization", `Bearer ${await world.harness.tokenFor(actor)}`);
  const asked = query?.doctorIds === undefined ? "" : `?doctorIds=${query.doctorIds}`;
  const response = await world.harness.fetch(new Request(`http://service.test${endpoint.path}${asked}`, { headers }));
  if (response.status === 200) {
    await response.body?.cancel();
    return { status: 200, json: {}, text: "", headers: response.headers };
  }
  const text = await response.text();
  return { status: response.status, json: JSON.parse(text), text, headers: response.headers };
};

describe("refusals every endpoint gives", () => {
  refusals(visitFeed, async () => ({ harness: { ...world.harness, call: callFeed }, accepted: { actor: world.staff } }));
});

test("a doctor of another clinic answers exactly like one that does not exist, also among own ones", async () => {
  const foreign = { actor: staffActor(), query: { doctorIds: world.doctorId } };
  expectProblem(await callFeed(visitFeed, foreign), 404, "not-found");
  const unknown = `doc_${"0".repeat(32)}`;
  for (const doctorIds of [unknown, `${world.doctorId},${unknown}`])
    expectProblem(await callFeed(visitFeed, { actor: world.staff, query: { doctorIds } }), 404, "not-found");
  expect((await callFeed(visitFeed, { actor: world.staff, query: { doctorIds: world.doctorId } })).status).toBe(200);
});

test("what is no list of doctors is refused", async () => {
  for (const doctorIds of ["", "x", `${world.doctorId},`, Array.from({ length: 51 }, () => world.doctorId).join(",")])
    expectProblem(await callFeed(visitFeed, { actor: world.staff, query: { doctorIds } }), 422, "invalid-input");
});
