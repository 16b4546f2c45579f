import { afterAll, beforeAll } from "bun:test";
import type { Endpoint } from "@episante/contracts/endpoint";
import {
  getNoShowBlock,
  getNoShowPolicy,
  liftNoShowBlock,
  moveVisit,
  putNoShowPolicy,
  setVisitStatus,
  undoVisitStatus,
  visitHistory,
} from "@episante/contracts/visit";
import { type Accepted, refusals } from "@episante/testkit/refusals";
import { bookingWorld, tuesdayNine, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await bookingWorld();
});
afterAll(() => world.close());

const unknownVisit = { id: `apt_${"0".repeat(32)}` };
const unknownPatient = { patientId: `pat_${"0".repeat(32)}` };

const positive: [Endpoint, () => Accepted][] = [
  [moveVisit, () => ({ actor: world.patient, params: unknownVisit, body: { start: tuesdayNine } })],
  [setVisitStatus, () => ({ actor: world.staff, params: unknownVisit, body: { status: "arrived" } })],
  [undoVisitStatus, () => ({ actor: world.staff, params: unknownVisit })],
  [visitHistory, () => ({ actor: world.patient, params: unknownVisit })],
  [getNoShowPolicy, () => ({ actor: world.staff })],
  [putNoShowPolicy, () => ({ actor: world.staff, body: { limit: 2 } })],
  [getNoShowBlock, () => ({ actor: world.staff, params: unknownPatient })],
  [liftNoShowBlock, () => ({ actor: world.staff, params: unknownPatient, body: {} })],
];
for (const [endpoint, accepted] of positive) refusals(endpoint, async () => ({ harness: world.harness, accepted: accepted() }));
