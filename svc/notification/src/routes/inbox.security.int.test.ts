import { afterAll, beforeAll } from "bun:test";
import { getMessagePreferences, inbox, inboxUnread, putMessagePreferences, readAllPages, readPage } from "@episante/contracts/notification";
import { newId } from "@episante/service/ids";
import { doctorActor, patientActor } from "@episante/testkit/actors";
import { refusals } from "@episante/testkit/refusals";
import { messageWorld, startMs, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await messageWorld();
});
afterAll(() => world.close());

refusals(inbox, async () => ({ harness: world.harness, accepted: { actor: patientActor() } }));
refusals(inboxUnread, async () => ({ harness: world.harness, accepted: { actor: doctorActor() } }));
refusals(readPage, async () => ({ harness: world.harness, accepted: { actor: doctorActor(), params: { id: newId("pag", startMs) } } }));
refusals(readAllPages, async () => ({ harness: world.harness, accepted: { actor: doctorActor() } }));
refusals(getMessagePreferences, async () => ({ harness: world.harness, accepted: { actor: doctorActor() } }));
refusals(putMessagePreferences, async () => ({
  harness: world.harness,
  accepted: { actor: doctorActor(), body: { alertMail: { critical: true, warning: true, notice: true } } },
}));
