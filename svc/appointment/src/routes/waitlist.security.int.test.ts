import { afterAll, beforeAll } from "bun:test";
import type { Endpoint } from "@episante/contracts/endpoint";
import {
  acceptOffer,
  declineOffer,
  getWaitlistSettings,
  joinWaitlist,
  leaveWaitlist,
  listWaitlist,
  offerForMessage,
  putWaitlistSettings,
} from "@episante/contracts/waitlist";
import { serviceActor } from "@episante/testkit/actors";
import { type Accepted, refusals } from "@episante/testkit/refusals";
import { bookingWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await bookingWorld();
});
afterAll(() => world.close());

const unknownOffer = { id: `wof_${"0".repeat(32)}` };
const unknownEntry = { id: `wle_${"0".repeat(32)}` };
const doctor = () => ({ doctorId: world.doctorId });

const positive: [Endpoint, () => Accepted][] = [
  [getWaitlistSettings, () => ({ params: doctor() })],
  [putWaitlistSettings, () => ({ actor: world.staff, params: doctor(), body: { mode: "one-by-one" } })],
  [listWaitlist, () => ({ actor: world.patient })],
  [joinWaitlist, () => ({ actor: world.patient, body: { ...doctor(), reasonId: world.reasons.r20 } })],
  [leaveWaitlist, () => ({ actor: world.patient, params: unknownEntry })],
  [acceptOffer, () => ({ actor: world.patient, params: unknownOffer })],
  [declineOffer, () => ({ actor: world.patient, params: unknownOffer })],
  [offerForMessage, () => ({ actor: serviceActor("notification"), params: unknownOffer })],
];
for (const [endpoint, accepted] of positive) refusals(endpoint, async () => ({ harness: world.harness, accepted: accepted() }));
