import { afterAll, beforeAll, expect, test } from "bun:test";
import { endMembership, invite, login, logout } from "@episante/contracts/auth";
import { accept, local, newMember, password, startClinic, startWorld, type World } from "../../test/world.ts";
import { sha256 } from "../secrets.ts";
import { syncSession } from "./sync-session.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test("a sign-in that races with the end of a membership never keeps the ended rights", async () => {
  const { clinicId, admin } = await startClinic(world);
  for (let round = 0; round < 10; round++) {
    const invited = await world.call(invite, { actor: admin, body: newMember(clinicId, "staff") });
    await accept(world, invited.json.invitation);
    const answers = await Promise.all([
      ...[1, 2, 3].map(() => world.call(login, { body: { email: invited.json.email, password }, headers: local })),
      world.call(endMembership, { actor: admin, params: { id: invited.json.id } }),
    ]);
    for (const answer of answers.slice(0, 3)) expect((await world.entryOf(answer))?.actor.memberships).toEqual([]);
  }
});

test("twenty parallel repairs of one session agree, and none brings an ended one back", async () => {
  const { actor, secret, answer } = await world.signUp();
  const repairs = Array.from({ length: 20 }, () => syncSession(world.deps, sha256(secret)));
  await Promise.all([...repairs, world.call(logout, { actor })]);
  expect(await world.entryOf(answer)).toBeNull();
});

test("an entry that nobody can write is a fault, not a silent success", async () => {
  const { secret } = await world.signUp();
  const stubborn = { ...world.deps.bucket, find: async () => ({ entry: null, revision: 1 }), replace: async () => false };
  await expect(syncSession({ ...world.deps, bucket: stubborn }, sha256(secret))).rejects.toThrow("keeps changing");
});
