import { afterAll, beforeAll, expect, test } from "bun:test";
import { login, logout, me, putPreferences, revokeSession, sessions } from "@episante/contracts/auth";
import { local, password, startWorld, type World } from "../../test/world.ts";
import { repairSessions } from "../jobs/repair-sessions.ts";
import { sha256 } from "../secrets.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test("me tells who is signed in, and that the session was used", async () => {
  const { actor, person } = await world.signUp();
  world.real.nowMs += 60_000;
  const answer = await world.call(me, { actor });
  expect(answer.json).toEqual({
    accountId: actor.accountId,
    patientId: actor.patientId,
    email: person.email,
    displayName: "Claire Fontaine",
    memberships: [],
    preferences: {},
    demo: false,
  });
  const list = await world.call(sessions, { actor });
  expect(list.json.items[0].lastSeenAt).toBe(new Date(world.real.nowMs).toISOString());
});

test("preferences are replaced as a whole", async () => {
  const { actor } = await world.signUp();
  await world.call(putPreferences, { actor, body: { density: "compact", sound: false } });
  const answer = await world.call(putPreferences, { actor, body: { theme: "dark" } });
  expect([answer.status, answer.json]).toEqual([200, { theme: "dark" }]);
  expect((await world.call(me, { actor })).json.preferences).toEqual({ theme: "dark" });
});

test("logout ends this session at once and makes the browser forget; the other session stays", async () => {
  const { actor, answer, person } = await world.signUp();
  const other = await world.call(login, { body: { email: person.email, password }, headers: local });
  const bye = await world.call(logout, { actor });
  expect([bye.status, bye.text]).toEqual([204, ""]);
  expect(bye.headers.get("clear-site-data")).toBe('"cache", "cookies", "storage"');
  expect(bye.headers.get("cache-control")).toBe("no-store");
  expect(bye.headers.get("set-cookie")).toStartWith("__Host-es_sid=; Max-Age=0; Path=/; Secure");
  expect(await world.entryOf(answer)).toBeNull();
  expect(await world.entryOf(other)).not.toBeNull();
});

test("open sessions are listed with the browser's name, and one is ended by its id", async () => {
  const { actor, person } = await world.signUp();
  const phone = await world.call(login, { body: { email: person.email, password }, headers: { ...local, "user-agent": "Phone/1.0" } });
  const list = await world.call(sessions, { actor });
  expect(list.json.items.map((item: { userAgent: string; current: boolean }) => [item.userAgent, item.current])).toContainEqual([
    "Phone/1.0",
    false,
  ]);
  const other = list.json.items.find((item: { current: boolean }) => !item.current);
  expect((await world.call(revokeSession, { actor, params: { id: other.id } })).status).toBe(204);
  expect(await world.entryOf(phone)).toBeNull();
  expect((await world.call(sessions, { actor })).json.items).toHaveLength(1);
  expect((await world.call(revokeSession, { actor, params: { id: other.id } })).json.code).toBe("not-found");
});

test("after a crash the repair writes missing entries, corrects outdated ones and deletes those of ended or expired sessions", async () => {
  const missing = await world.signUp();
  const outdated = await world.signUp();
  const ended = await world.signUp();
  const expired = await world.signUp();
  const { bucket } = world.deps;
  const revisionOf = async (secret: string) => (await bucket.find(sha256(secret)))?.revision;
  await bucket.replace(sha256(missing.secret), null, await revisionOf(missing.secret));
  const entry = await world.entryOf(outdated.answer);
  if (!entry) throw new Error("no entry");
  await bucket.replace(sha256(outdated.secret), { ...entry, idleSeconds: 9 }, await revisionOf(outdated.secret));
  await world.owner`update sessions set ended_at = now() where secret_hash = ${sha256(ended.secret)}`;
  await world.owner`update sessions set expires_at = now() - interval '1 hour' where secret_hash = ${sha256(expired.secret)}`;

  await repairSessions(world.deps);
  await repairSessions(world.deps);
  expect((await world.entryOf(missing.answer))?.actor.accountId).toBe(missing.actor.accountId);
  expect((await world.entryOf(outdated.answer))?.idleSeconds).toBe(1800);
  expect(await world.entryOf(ended.answer)).toBeNull();
  expect(await world.entryOf(expired.answer)).toBeNull();
});
