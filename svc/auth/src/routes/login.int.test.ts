import { afterAll, beforeAll, expect, test } from "bun:test";
import { login } from "@episante/contracts/auth";
import { local, password, secretOf, startWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test("the right password opens a new session each time, known to the gateway before the answer", async () => {
  const { person, actor, secret } = await world.signUp();
  const first = await world.call(login, { body: { email: person.email.toUpperCase(), password }, headers: local });
  const second = await world.call(login, { body: { email: person.email, password }, headers: local });
  expect(first.status).toBe(200);
  expect(first.json).toEqual({ accountId: actor.accountId, patientId: actor.patientId });
  expect(new Set([secret, secretOf(first), secretOf(second)]).size).toBe(3);
  expect((await world.entryOf(first))?.actor.accountId).toBe(actor.accountId);
  expect((await world.entryOf(second))?.actor.patientId).toBe(actor.patientId);
  expect((await world.audits("auth.login")).map((record) => record.outcome)).toEqual(["ok", "ok"]);
});

test("sixty people of one address sign in at the same moment: only failures are limited", async () => {
  const people = await Promise.all(Array.from({ length: 60 }, () => world.signUp()));
  const answers = await Promise.all(
    people.map(({ person }) => world.call(login, { body: { email: person.email, password }, headers: local })),
  );
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
});
