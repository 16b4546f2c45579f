import { afterAll, beforeAll, expect, test } from "bun:test";
import { jwks, logout, me, putPreferences, revokeSession, sessions } from "@episante/contracts/auth";
import { newId } from "@episante/service/ids";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { startWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ jwks: { keys: [{ kty: "OKP", kid: "gateway-1" }] } });
});
afterAll(() => world.close());

for (const endpoint of [me, sessions, logout]) {
  refusals(endpoint, async () => ({ harness: world, accepted: { actor: (await world.signUp()).actor } }));
}
refusals(putPreferences, async () => ({ harness: world, accepted: { actor: (await world.signUp()).actor, body: { theme: "dark" } } }));
refusals(revokeSession, async () => ({
  harness: world,
  accepted: { actor: (await world.signUp()).actor, params: { id: newId("ses", 0) } },
}));

test("somebody else's session reads as one that never was, and stays open", async () => {
  const victim = await world.signUp();
  const attacker = await world.signUp();
  const [row] = await world.owner`select id from sessions where account_id = ${victim.actor.accountId}`;
  const foreign = await world.call(revokeSession, { actor: attacker.actor, params: { id: String(row?.id) } });
  const unknown = await world.call(revokeSession, { actor: attacker.actor, params: { id: newId("ses", 0) } });
  const garbage = await world.call(revokeSession, { actor: attacker.actor, params: { id: "ses_x' or 1=1" } });
  expectProblem(foreign, 404, "not-found");
  for (const answer of [unknown, garbage]) expect({ ...answer.json, traceId: "" }).toEqual({ ...foreign.json, traceId: "" });
  expect(await world.entryOf(victim.answer)).not.toBeNull();
});

test("the list shows own sessions only", async () => {
  const one = await world.signUp();
  await world.signUp();
  expect((await world.call(sessions, { actor: one.actor })).json.items).toHaveLength(1);
});

test("row-level security hides every account from a transaction without context, and others' from one with", async () => {
  const mine = await world.signUp();
  await world.signUp();
  const { db } = world.deps;
  expect(await db.bulk`select id from accounts`).toHaveLength(0);
  expect(await db.transaction({ kind: "public" }, (tx) => tx.execute("select id from accounts"))).toHaveLength(0);
  const seen = await db.transaction({ kind: "patients", ids: [mine.actor.patientId] }, (tx) => tx.execute("select id from accounts"));
  expect(seen.map((row) => row.id)).toEqual([mine.actor.accountId]);
});

test("the key set holds what the installation gave, for everybody", async () => {
  expect((await world.call(jwks)).json).toEqual({ keys: [{ kty: "OKP", kid: "gateway-1" }] });
});
