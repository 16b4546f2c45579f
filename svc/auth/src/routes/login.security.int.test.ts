import { afterAll, beforeAll, expect, test } from "bun:test";
import { login } from "@episante/contracts/auth";
import { sessionCookie } from "@episante/contracts/session";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { local, newPerson, password, secretOf, startWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

let address = 0;
/** A network address nobody has used. */
const elsewhere = () => ({ ...local, "x-real-ip": `198.51.100.${++address}` });
const wrong = "un tout autre mot de passe";

refusals(login, async () => {
  const { person } = await world.signUp();
  return { harness: world, accepted: { body: { email: person.email, password }, headers: elsewhere() } };
});

test("a wrong password, an unknown e-mail and an invited account answer alike, and each does the same hashing work", async () => {
  const { person } = await world.signUp();
  const invited = newPerson();
  await world.owner`insert into accounts (id, email, given_name, family_name, locale, demo, created_at) values ('acc_invited', ${invited.email}, 'A', 'B', 'fr', false, now())`;
  let verified = 0;
  const counting = {
    ...world.deps.passwords,
    verify: (text: string, hash: string) => {
      verified++;
      return world.deps.passwords.verify(text, hash);
    },
  };
  const watched = await startWorld({ ...world.deps, passwords: counting });
  const answers = [];
  for (const email of [person.email, "nobody@exemple.fr", invited.email]) {
    const answer = await watched.call(login, { body: { email, password: wrong }, headers: elsewhere() });
    const { traceId: _, ...body } = answer.json;
    answers.push({ status: answer.status, body, headers: [...answer.headers].sort() });
  }
  await watched.close();
  expect(answers[0]).toMatchObject({ status: 401, body: { code: "login-failed" } });
  expect(answers[1]).toEqual(answers[0] as (typeof answers)[0]);
  expect(answers[2]).toEqual(answers[0] as (typeof answers)[0]);
  expect(verified).toBe(3);
});

test("a refused sign-in leaves an audit record and opens nothing", async () => {
  const { person, actor } = await world.signUp();
  const before = await world.owner`select id from sessions`;
  expectProblem(await world.call(login, { body: { email: person.email, password: wrong }, headers: elsewhere() }), 401, "login-failed");
  expect(await world.owner`select id from sessions`).toHaveLength(before.length);
  const record = (await world.audits("auth.login")).at(-1);
  expect(record).toMatchObject({ outcome: "refused", reason: "login-failed", entity: { id: actor.accountId } });
});

test("after ten failures on an account from one address even the right password waits; from another address it is accepted", async () => {
  const { person } = await world.signUp();
  const headers = elsewhere();
  for (let turn = 0; turn < 10; turn++) {
    expectProblem(await world.call(login, { body: { email: person.email, password: wrong }, headers }), 401, "login-failed");
  }
  const limited = await world.call(login, { body: { email: person.email, password }, headers });
  expectProblem(limited, 429, "too-many-requests");
  expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(240);
  expect(limited.headers.get("set-cookie")).toBeNull();
  expect((await world.call(login, { body: { email: person.email, password }, headers: elsewhere() })).status).toBe(200);
  world.real.nowMs += 301_000;
  expect((await world.call(login, { body: { email: person.email, password }, headers })).status).toBe(200);
});

test("an unknown e-mail is limited after as many failures as a known one", async () => {
  const headers = elsewhere();
  const statuses = [];
  for (let turn = 0; turn < 11; turn++)
    statuses.push((await world.call(login, { body: { email: "ghost@exemple.fr", password: wrong }, headers })).status);
  expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
});

test("a flood of 200 guesses at once, over many accounts, gets at most thirty answers a minute", async () => {
  const headers = elsewhere();
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => world.call(login, { body: { email: `guess${index}@exemple.fr`, password: wrong }, headers })),
  );
  const of = (status: number) => answers.filter((answer) => answer.status === status).length;
  expect([of(401), of(429)]).toEqual([30, 170]);
});

test("a flood on one account from one address tries at most ten passwords", async () => {
  const { person } = await world.signUp();
  const headers = elsewhere();
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => world.call(login, { body: { email: person.email, password: wrong }, headers })),
  );
  expect(answers.filter((answer) => answer.status === 401)).toHaveLength(10);
});

test("when the counters cannot be read, nobody is let in", async () => {
  const { person } = await world.signUp();
  await world.owner`alter table attempts rename to attempts_away`;
  try {
    expectProblem(await world.call(login, { body: { email: person.email, password }, headers: elsewhere() }), 500, "internal-error");
  } finally {
    await world.owner`alter table attempts_away rename to attempts`;
  }
  expect((await world.call(login, { body: { email: person.email, password }, headers: elsewhere() })).status).toBe(200);
});

test("a planted session ends when its browser signs in, and the new one has another id", async () => {
  const attacker = await world.signUp();
  const { person } = await world.signUp();
  const cookie = `theme=dark; ${sessionCookie}=${attacker.secret}`;
  const planted = await world.call(login, { body: { email: person.email, password }, headers: { ...elsewhere(), cookie } });
  expect(secretOf(planted)).not.toBe(attacker.secret);
  expect(await world.entryOf(attacker.answer)).toBeNull();
  const again = await world.call(login, {
    actor: (await world.entryOf(planted))?.actor as never,
    body: { email: person.email, password },
    headers: elsewhere(),
  });
  expect(again.status).toBe(200);
  expect(await world.entryOf(planted)).toBeNull();
});

test("a failed sign-in leaves the browser's session alone", async () => {
  const { person, answer, secret } = await world.signUp();
  const cookie = `${sessionCookie}=${secret}`;
  await world.call(login, { body: { email: person.email, password: wrong }, headers: { ...elsewhere(), cookie } });
  expect(await world.entryOf(answer)).not.toBeNull();
});

test("on a bare http address the password is not even looked at", async () => {
  const { person } = await world.signUp();
  const headers = { ...elsewhere(), "x-forwarded-host": "clinic.example" };
  expectProblem(await world.call(login, { body: { email: person.email, password }, headers }), 403, "https-required");
  expectProblem(await world.call(login, { body: { email: person.email, password } }), 403, "https-required");
});

test("a demo account cannot sign in where demo accounts are refused", async () => {
  const { person } = await world.signUp();
  await world.owner`update accounts set demo = true where email = ${person.email}`;
  expectProblem(await world.call(login, { body: { email: person.email, password }, headers: elsewhere() }), 401, "login-failed");
});

test("passwords, e-mails, names and secrets never reach the log, the outbox or an answer", async () => {
  const canary = newPerson({ email: "canary-mail@exemple.fr", familyName: "Canaryname", password: "canary phrase under the moon" });
  const { secret } = await world.signUp(canary);
  await world.call(login, { body: { email: canary.email, password: canary.password }, headers: elsewhere() });
  await world.call(login, { body: { email: canary.email, password: `${canary.password}!` }, headers: elsewhere() });
  await world.call(login, {
    rawBody: `{"email":"${canary.email}","password":"${canary.password}`,
    headers: { ...elsewhere(), "content-type": "application/json" },
  });
  await world.owner`alter table sessions rename to sessions_away`;
  const broken = await world.call(login, { body: { email: canary.email, password: canary.password }, headers: elsewhere() });
  await world.owner`alter table sessions_away rename to sessions`;
  expect(broken.status).toBe(500);
  const outbox = await world.owner`select payload from outbox`;
  const said = [...world.lines, ...outbox.map((row) => String(row.payload)), broken.text].join("\n");
  expect(world.lines.length).toBeGreaterThan(0);
  for (const word of ["canary-mail", "canaryname", "canary phrase", secret.toLowerCase()]) expect(said.toLowerCase()).not.toContain(word);
});
