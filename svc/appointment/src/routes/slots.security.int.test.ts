import { afterAll, beforeAll, expect, test } from "bun:test";
import { hold, listHeld } from "@episante/contracts/appointment";
import { staffActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { bookingWorld, tuesdayNine, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await bookingWorld();
});
afterAll(() => world.close());

const ask = (actor: World["staff"], doctorIds: string = world.doctorId) => world.harness.call(listHeld, { actor, query: { doctorIds } });

refusals(listHeld, async () => ({ harness: world.harness, accepted: { actor: world.staff, query: { doctorIds: world.doctorId } } }));

test("members see that a time is held and until when, by nobody named; it ends by itself", async () => {
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: tuesdayNine };
  const { expiresAt, end } = (await world.harness.call(hold, { actor: world.patient, body })).json;
  expect((await ask(world.staff)).json).toEqual({ items: [{ doctorId: world.doctorId, start: tuesdayNine, end, expiresAt }] });
  world.clock.advance(5 * 60_000);
  expect((await ask(world.staff)).json).toEqual({ items: [] });
});

test("doctors of another clinic are not found, like those that do not exist, also among own ones", async () => {
  expectProblem(await ask(staffActor()), 404, "not-found");
  const unknown = `doc_${"0".repeat(32)}`;
  for (const ids of [unknown, `${world.doctorId},${unknown}`]) expectProblem(await ask(world.staff, ids), 404, "not-found");
});

test("what is no list of doctors is refused", async () => {
  for (const ids of ["x", `${world.doctorId},`]) expectProblem(await ask(world.staff, ids), 422, "invalid-input");
});
