import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Endpoint } from "@episante/contracts/endpoint";
import { addResource, listResources, putResource, retireResource } from "@episante/contracts/resource";
import { adminActor, doctorActor, staffActor } from "@episante/testkit/actors";
import { type Accepted, refusals } from "@episante/testkit/refusals";
import { bookingWorld, type World } from "../../test/world.ts";

let world: World;
let room: string;
const said = { name: "Echo 1", type: "echo" };
const ofClinic = (actor: World["staff"]) => ({ actor, query: { clinicId: world.clinicId } });
const ofRoom = (actor: World["staff"], id = room) => ({ actor, params: { id } });
beforeAll(async () => {
  world = await bookingWorld();
  room = (await world.harness.call(addResource, { ...ofClinic(world.staff), body: said })).json.id;
});
afterAll(() => world.close());

const positive: [Endpoint, () => Accepted][] = [
  [listResources, () => ofClinic(world.doctor)],
  [addResource, () => ({ ...ofClinic(world.staff), body: said })],
  [putResource, () => ({ ...ofRoom(world.staff), body: { ...said, isActive: true } })],
  [retireResource, () => ofRoom(adminActor(world.clinicId))],
];
for (const [endpoint, accepted] of positive) refusals(endpoint, async () => ({ harness: world.harness, accepted: accepted() }));

test("members of another clinic learn nothing, not even whether the clinic or room exists", async () => {
  const { harness } = world;
  const unknown = `res_${"0".repeat(32)}`;
  for (const actor of [staffActor(), adminActor()]) {
    expect((await harness.call(listResources, ofClinic(actor))).json.code).toBe("not-found");
    expect((await harness.call(addResource, { ...ofClinic(actor), body: said })).json.code).toBe("not-found");
    for (const id of [room, unknown]) {
      expect((await harness.call(putResource, { ...ofRoom(actor, id), body: { ...said, isActive: false } })).json.code).toBe("not-found");
      expect((await harness.call(retireResource, ofRoom(actor, id))).json.code).toBe("not-found");
    }
  }
  expect((await harness.call(listResources, ofClinic(doctorActor()))).json.code).toBe("not-found");
});

test("administrators of the clinic keep its rooms", async () => {
  const actor = adminActor(world.clinicId);
  const { status, json } = await world.harness.call(addResource, { ...ofClinic(actor), body: { ...said, name: "Echo 2" } });
  expect([status, json.name]).toEqual([201, "Echo 2"]);
});
