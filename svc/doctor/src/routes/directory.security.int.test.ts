import { afterAll, beforeAll } from "bun:test";
import { getDoctor, listReasons, putMyProfile, putMyReasons, searchDoctors, suggestDoctors } from "@episante/contracts/doctor";
import { refusals } from "@episante/testkit/refusals";
import { consultation, directoryWorld, profile, type World } from "../../test/world.ts";

let world: World;
let doctor: Awaited<ReturnType<World["join"]>>;
beforeAll(async () => {
  world = await directoryWorld();
  doctor = await world.join("Zoé", "Lefèvre");
});
afterAll(() => world.close());

refusals(searchDoctors, async () => ({ harness: world.harness, accepted: {} }));
refusals(suggestDoctors, async () => ({ harness: world.harness, accepted: { query: { q: "lef" } } }));
refusals(getDoctor, async () => ({ harness: world.harness, accepted: { params: { id: doctor.doctorId } } }));
refusals(listReasons, async () => ({ harness: world.harness, accepted: { params: { id: doctor.doctorId } } }));
refusals(putMyProfile, async () => ({ harness: world.harness, accepted: { actor: doctor, body: profile } }));
refusals(putMyReasons, async () => ({ harness: world.harness, accepted: { actor: doctor, body: { reasons: [consultation] } } }));
