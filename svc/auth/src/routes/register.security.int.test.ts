import { afterAll, beforeAll, expect, test } from "bun:test";
import { register } from "@episante/contracts/auth";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { local, newPerson, startWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

refusals(register, async () => ({ harness: world, accepted: { body: newPerson(), headers: local } }));

test.each(["tilleul soir", "               ", "passwordpassword", "1234567890123456", "Claire Fontaine 84"])(
  "password %p is refused with a reason, not echoed",
  async (password) => {
    const answer = await world.call(register, { body: newPerson({ password }), headers: local });
    expectProblem(answer, 422, "weak-password");
    expect(answer.json.errors[0].path).toBe("password");
    expect(answer.text).not.toContain(password);
  },
);

test("a password of a megabyte is refused before anything is hashed", async () => {
  expectProblem(
    await world.call(register, { body: newPerson({ password: "x".repeat(1_000_000) }), headers: local }),
    413,
    "body-too-large",
  );
});

test("on a bare http address registration is refused; on HTTPS and on this machine it is not", async () => {
  const via = (proto: string, host: string) =>
    world.call(register, { body: newPerson(), headers: { ...local, "x-forwarded-proto": proto, "x-forwarded-host": host } });
  expectProblem(await via("http", "192.168.1.20:8080"), 403, "https-required");
  expect((await via("https", "clinic.example")).status).toBe(201);
  expect((await via("http", "[::1]:8080")).status).toBe(201);
});

test("an address may learn of ten taken e-mails in five minutes, then it waits; new accounts do not count", async () => {
  const headers = { ...local, "x-real-ip": "2001:db8:5:6::1" };
  const { person } = await world.signUp();
  for (let turn = 0; turn < 12; turn++) expect((await world.call(register, { body: newPerson(), headers })).status).toBe(201);
  for (let turn = 0; turn < 10; turn++) expectProblem(await world.call(register, { body: person, headers }), 409, "email-taken");
  const neighbour = { ...headers, "x-real-ip": "2001:db8:5:6:ffff::9" };
  const limited = await world.call(register, { body: newPerson(), headers: neighbour });
  expectProblem(limited, 429, "too-many-requests");
  expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(200);
  world.real.nowMs += 301_000;
  expect((await world.call(register, { body: newPerson(), headers })).status).toBe(201);
});

test("a role, a clinic or a patient id cannot be given at registration", async () => {
  for (const extra of [{ role: "admin" }, { demo: true }, { patientId: `pat_${"0".repeat(32)}` }, { memberships: [] }]) {
    expectProblem(await world.call(register, { body: newPerson(extra), headers: local }), 422, "unknown-field");
  }
});

test("control characters in a name are refused; in a password they are as good as any other", async () => {
  expectProblem(await world.call(register, { body: newPerson({ givenName: "Cl\u0000aire" }), headers: local }), 422, "invalid-input");
  expectProblem(await world.call(register, { body: newPerson({ familyName: "A\r\nB" }), headers: local }), 422, "invalid-input");
  expect((await world.call(register, { body: newPerson({ password: "le tilleul\u0001 sent bon ce soir" }), headers: local })).status).toBe(
    201,
  );
});
