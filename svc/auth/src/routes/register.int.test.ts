import { afterAll, beforeAll, expect, test } from "bun:test";
import { register } from "@episante/contracts/auth";
import { local, newPerson, startWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test("registration creates the account, signs it in and tells the others, without names in the event", async () => {
  const { answer, actor, person, secret } = await world.signUp({ email: "Claire.Fontaine@Exemple.FR" });
  expect(answer.json).toEqual({ accountId: actor.accountId, patientId: actor.patientId });
  expect(answer.headers.get("set-cookie")).toBe(`__Host-es_sid=${secret}; Path=/; Secure; HttpOnly; SameSite=Strict`);
  expect(secret).toHaveLength(43);
  const entry = await world.entryOf(answer);
  expect(entry).toMatchObject({
    idleSeconds: 1800,
    expiresAtMs: world.real.nowMs + 12 * 3_600_000,
    actor: { demo: false, memberships: [] },
  });
  expect(await world.events("account.registered")).toEqual([{ accountId: actor.accountId, patientId: actor.patientId }]);
  const [row] = await world.owner`select * from accounts where id = ${actor.accountId}`;
  expect(row).toMatchObject({ email: "claire.fontaine@exemple.fr", family_name: person.familyName, locale: "fr" });
  expect(String(row?.password_hash)).toStartWith("$argon2id$");
  const [session] = await world.owner`select secret_hash from sessions where account_id = ${actor.accountId}`;
  expect(session?.secret_hash).toBe(actor.sessionHash);
  expect((await world.audits("auth.register"))[0]).toMatchObject({ outcome: "ok", patientIds: [actor.patientId] });
});

test("an e-mail belongs to one account, whatever its case, also when ten register it at once", async () => {
  const person = newPerson();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      world.call(register, {
        body: { ...person, email: index % 2 ? person.email.toUpperCase() : person.email },
        headers: { ...local, "x-real-ip": "192.0.2.50" },
      }),
    ),
  );
  expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array<number>(9).fill(409)]);
  const rows = await world.owner`select id from accounts where email = ${person.email}`;
  expect(rows).toHaveLength(1);
});

test("a password of 256 characters in any script is kept byte for byte, not cut", async () => {
  const long = [..."forêt 桜 tilleul 🌲 lune ".repeat(20)].slice(0, 240).join("");
  const { person } = await world.signUp({ password: long });
  const [row] = await world.owner`select password_hash from accounts where email = ${person.email}`;
  expect(await Bun.password.verify(long, String(row?.password_hash))).toBe(true);
  expect(await Bun.password.verify(long.slice(0, -1), String(row?.password_hash))).toBe(false);
});

test("a birth date in the future or in another age is refused", async () => {
  for (const birthDate of ["2030-01-01", "1850-01-01"]) {
    const answer = await world.call(register, { body: newPerson({ birthDate }), headers: local });
    expect([answer.status, answer.json.code, answer.json.errors[0].path]).toEqual([422, "invalid-input", "birthDate"]);
  }
});

test("when the gateway cannot be told, nobody gets a cookie", async () => {
  const broken = { ...world.deps.bucket, replace: () => Promise.reject(new Error("no broker")) };
  const offline = await startWorld({ bucket: broken });
  const answer = await offline.call(register, { body: newPerson(), headers: local });
  expect([answer.status, answer.headers.get("set-cookie")]).toEqual([503, null]);
  await offline.close();
});

test("accounts of a demo installation are marked", async () => {
  const demo = await startWorld({ demo: true });
  const { actor } = await demo.signUp();
  expect(actor.demo).toBe(true);
  await demo.close();
});
