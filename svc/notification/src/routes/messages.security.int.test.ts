import { afterAll, beforeAll } from "bun:test";
import { captured } from "@episante/contracts/notification";
import { patientActor } from "@episante/testkit/actors";
import { refusals } from "@episante/testkit/refusals";
import { messageWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await messageWorld();
});
afterAll(() => world.close());

refusals(captured, async () => ({ harness: world.harness, accepted: { actor: patientActor() } }));
