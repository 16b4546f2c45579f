import { afterEach, beforeEach, expect, test } from "bun:test";
import { captured, inbox } from "@episante/contracts/notification";
import { newId } from "@episante/service/ids";
import { adminActor, doctorActor, patientActor, staffActor } from "@episante/testkit/actors";
import { messageWorld, startMs, type World } from "../../test/world.ts";
import { deliverDue } from "../actions/deliver-messages.ts";

let world: World;
beforeEach(async () => {
  world = await messageWorld();
});
afterEach(() => world.close());

const patients = [patientActor(), patientActor()] as const;
const clinicId = newId("cli", startMs);
async function sendToBoth(): Promise<void> {
  for (const [index, patient] of patients.entries()) {
    world.upstream.email = `p${index}@example.test`;
    await world.receive("appointment.booked", world.visitOf(patient, clinicId));
    await deliverDue(world.deps);
  }
}

test("patients see their own messages and mail, nobody else's", async () => {
  await sendToBoth();
  for (const [index, actor] of patients.entries()) {
    const own = await world.harness.call(inbox, { actor });
    expect(own.json.items).toMatchObject([{ channel: "email", status: "sent", template: "appointment-booked" }]);
    const mail = await world.harness.call(captured, { actor });
    expect(mail.json.items.map((item: { to: string }) => item.to)).toEqual([`p${index}@example.test`]);
    const others = await world.harness.call(captured, { actor, query: { to: `p${1 - index}@example.test` } });
    expect(others.json.items).toEqual([]);
  }
});

test("members of the clinic see all its captured mail, of another clinic none", async () => {
  await sendToBoth();
  for (const actor of [staffActor(clinicId), doctorActor({ clinicId }), adminActor(clinicId)]) {
    expect((await world.harness.call(captured, { actor })).json.items).toHaveLength(2);
    const one = await world.harness.call(captured, { actor, query: { to: "P1@example.test" } });
    expect(one.json.items).toMatchObject([{ to: "p1@example.test", attachments: [{ type: "text/calendar" }] }]);
  }
  expect((await world.harness.call(captured, { actor: staffActor() })).json.items).toEqual([]);
});

test("nobody is written to about visits that came with a file of the clinic", async () => {
  const [patient] = patients;
  const visit = world.visitOf(patient, clinicId);
  await world.receive("appointment.booked", { ...visit, imported: true });
  await world.receive("appointment.cancelled", { ...visit, by: "clinic", imported: true });
  await deliverDue(world.deps);
  expect((await world.harness.call(inbox, { actor: patient })).json.items).toEqual([]);
});

test("pages lose and repeat nothing", async () => {
  await sendToBoth();
  await sendToBoth();
  const actor = staffActor(clinicId);
  const first = (await world.harness.call(captured, { actor, query: { limit: 3 } })).json;
  const second = (await world.harness.call(captured, { actor, query: { limit: 3, cursor: first.next } })).json;
  const ids = [...first.items, ...second.items].map((item: { id: string }) => item.id);
  expect(new Set(ids).size).toBe(4);
  expect(second.next).toBeUndefined();
  expect((await world.harness.call(captured, { actor, query: { cursor: "x" } })).json.code).toBe("invalid-input");
});

test("captured mail does not exist in production", async () => {
  await world.close();
  world = await messageWorld({ showsCaptured: false });
  expect((await world.harness.call(captured, { actor: staffActor(clinicId) })).json.code).toBe("not-found");
});
