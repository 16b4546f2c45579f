import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { getCancelReasons, putCancelReasons } from "@episante/contracts/cancel-reason";
import { adminActor, staffActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { bookingWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await bookingWorld();
});
afterAll(() => world.close());

const lists = { patient: [{ fr: "Grève", en: "Strike" }], staff: [{ fr: "Panne", en: "Breakdown" }] };

describe("refusals every endpoint gives", () => {
  refusals(getCancelReasons, async () => ({ harness: world.harness, accepted: { actor: world.staff } }));
  refusals(putCancelReasons, async () => ({ harness: world.harness, accepted: { actor: world.staff, body: lists } }));
});

test("a patient reads the list of a doctor's clinic; who names nothing known finds none", async () => {
  const read = (query: Record<string, string>) => world.harness.call(getCancelReasons, { actor: world.patient, query });
  expect((await read({ doctorId: world.doctorId })).status).toBe(200);
  expect((await read({ clinicId: world.clinicId })).status).toBe(200);
  for (const query of [{}, { doctorId: `doc_${"0".repeat(32)}` }, { clinicId: `cli_${"0".repeat(32)}` }])
    expectProblem(await read(query as Record<string, string>), 404, "not-found");
});

test("a clinic's list is set by its own members only, within bounds", async () => {
  const set = (actor: Parameters<typeof world.harness.tokenFor>[0], body: unknown, clinicId: string = world.clinicId) =>
    world.harness.call(putCancelReasons, { actor, body, query: { clinicId } });
  for (const actor of [staffActor(), adminActor()]) expectProblem(await set(actor, lists), 404, "not-found");
  const one = lists.patient[0];
  for (const patient of [
    [],
    Array.from({ length: 13 }, () => one),
    [{ fr: " ", en: "x" }],
    [{ fr: "x" }],
    [{ fr: "x".repeat(81), en: "x" }],
  ])
    expect((await set(world.staff, { ...lists, patient })).status).toBe(422);
  expect((await set(adminActor(world.clinicId), lists)).status).toBe(200);
  expect((await world.harness.call(getCancelReasons, { actor: world.doctor })).json).toEqual(lists);
});
