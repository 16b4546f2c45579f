import { afterAll, beforeAll, expect, test } from "bun:test";
import { login, stepUp } from "@episante/contracts/auth";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { local, password, startWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
const wrong = "un tout autre mot de passe";
let address = 0;
const elsewhere = () => ({ ...local, "x-real-ip": `203.0.113.${++address}` });

refusals(stepUp, async () => ({
  harness: world,
  accepted: { actor: (await world.signUp()).actor, body: { password }, headers: elsewhere() },
}));

test("only the own password is taken; the session stays, both outcomes are recorded", async () => {
  const { actor } = await world.signUp();
  const headers = elsewhere();
  const before = await world.owner`select id from sessions where ended_at is null`;
  expectProblem(await world.call(stepUp, { actor, body: { password: wrong }, headers }), 401, "login-failed");
  expect((await world.call(stepUp, { actor, body: { password }, headers })).status).toBe(204);
  expect(await world.owner`select id from sessions where ended_at is null`).toHaveLength(before.length);
  const records = (await world.audits("auth.step-up")).slice(-2);
  expect(records.map(({ outcome, entity }) => [outcome, entity?.id])).toEqual([
    ["refused", actor.accountId],
    ["ok", actor.accountId],
  ]);
});

test("ten wrong ones from an address make the right one wait, here and at the sign-in", async () => {
  const { person, actor } = await world.signUp();
  const headers = elsewhere();
  for (let guess = 0; guess < 10; guess++) await world.call(stepUp, { actor, body: { password: wrong }, headers });
  expectProblem(await world.call(stepUp, { actor, body: { password }, headers }), 429, "too-many-requests");
  expectProblem(await world.call(login, { body: { email: person.email, password }, headers }), 429, "too-many-requests");
});
