import { afterAll, beforeAll, expect, test } from "bun:test";
import { getOnCall, putOnCall } from "@episante/contracts/on-call";
import { newId } from "@episante/service/ids";
import { adminActor, doctorActor } from "@episante/testkit/actors";
import { addPerson, makeWorld, nameOf, start, type World } from "../../test/world.ts";
import { nameOwners } from "../actions/name-owners.ts";
import { mirrorZones } from "../consumers/mirror-zones-on-clinic-changed.ts";

let world: World;
beforeAll(async () => {
  world = await makeWorld({ callInternal: nameOf });
});
afterAll(() => world.close());

test("a clinic that set nothing has empty chains in its own zone; doctors and admins read and write, and see names and who is on call", async () => {
  const admin = adminActor(world.clinicId);
  const clinic = (zone: string, at: string) =>
    world.database.db.drizzle.transaction((tx) =>
      mirrorZones.handle({
        event: { at, data: { clinicId: world.clinicId, zone } } as never,
        tx,
        deps: world.deps,
        now: start,
        emit: async () => {},
      }),
    );
  await clinic("Indian/Reunion", "2026-01-02T00:00:00Z");
  await clinic("Europe/Paris", "2026-01-01T00:00:00Z");
  const empty = {
    clinicId: world.clinicId,
    zone: "Indian/Reunion",
    chains: { critical: [], warning: [] },
    rota: { weekly: [], exceptions: [] },
  };
  expect((await world.api.call(getOnCall, { actor: admin })).json).toEqual({ ...empty, quiet: null, people: [] });

  const [ada, bea] = [world.doctor.accountId, newId("acc", start)];
  // Ada has two memberships: as a doctor, and as somebody else.
  await addPerson(world, ada);
  await addPerson(world, ada, { doctorId: world.doctor.memberships[0]?.doctorId });
  await addPerson(world, bea);
  await nameOwners(world.deps);
  const setting = {
    zone: "Europe/Paris",
    chains: {
      critical: [
        { to: "on-call" as const, afterSeconds: 0 },
        { to: bea, afterSeconds: 300 },
      ],
      warning: [{ to: bea, afterSeconds: 0 }],
    },
    rota: { weekly: [{ day: 4, from: "08:00", to: "20:00", accountId: ada }], exceptions: [] },
    quiet: { from: "22:00", to: "07:00", severities: ["warning" as const] },
  };
  const put = await world.api.call(putOnCall, { actor: admin, body: setting });
  expect(put.status).toBe(200);
  const people = [ada, bea].sort().map((accountId) => ({ accountId, name: "Ada Byron", canOpenAlerts: accountId === ada }));
  expect(put.json).toEqual({
    clinicId: world.clinicId,
    ...setting,
    // The test's clock stands at 09:00 of a Thursday in Paris.
    onCallNow: { accountId: ada, name: "Ada Byron", until: "2026-01-15T19:00:00.000Z" },
    people,
  });
  expect((await world.api.call(getOnCall, { actor: world.doctor })).json).toEqual(put.json);
  world.clock.set(Date.parse("2026-01-15T19:00:00Z"));
  expect((await world.api.call(getOnCall, { actor: world.doctor })).json.onCallNow).toBeUndefined();

  const { zone: _, ...without } = setting;
  expect((await world.api.call(putOnCall, { actor: world.doctor, body: without })).json.zone).toBe("Indian/Reunion");
  const audited = await world.database.owner`
    select 1 from outbox where type = 'audit' and payload like '%alert.put-on-call%' and payload like ${`%${admin.accountId}%`}`;
  expect(audited).toHaveLength(1);
  expect((await world.api.call(getOnCall, { actor: doctorActor() })).json.people).toEqual([]);
});
