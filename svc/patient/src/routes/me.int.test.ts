import { afterAll, beforeAll, expect, test } from "bun:test";
import { getMyProfile, patchMyProfile, patientContact } from "@episante/contracts/patient";
import { serviceActor } from "@episante/testkit/actors";
import { startWorld, unknownPatient, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test("the profile given at registration is there, with a short file number of its own", async () => {
  const actor = await world.newPatient({ locale: "en" });
  const other = await world.newPatient();
  const answer = await world.call(getMyProfile, { actor });
  expect(answer.json).toEqual({
    id: actor.patientId,
    givenName: "Claire",
    familyName: "Fontaine",
    birthDate: "1984-05-05",
    gender: "unknown",
    locale: "en",
    fileNumber: expect.stringMatching(/^P\d{4,}$/),
  });
  expect((await world.call(getMyProfile, { actor: other })).json.fileNumber).not.toBe(answer.json.fileNumber);
  expect(await world.events("patient.registered")).toContainEqual({ patientId: actor.patientId });
});

test("a patient who is faster than the event of the registration finds the profile all the same, and it is kept once", async () => {
  const actor = world.newAccount();
  const answers = await Promise.all([1, 2, 3, 4].map(() => world.call(getMyProfile, { actor })));
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
  await world.registered(actor);
  const told = (await world.events("patient.registered")).filter((event) => event.patientId === actor.patientId);
  expect(told).toHaveLength(1);
  const asked = world.auth.asked;
  await world.call(getMyProfile, { actor });
  expect(world.auth.asked).toBe(asked);
});

test("while svc/auth is away, a known profile is answered and a new one says that a part is not reachable", async () => {
  const known = await world.newPatient();
  const fresh = world.newAccount();
  world.auth.isUp = false;
  expect((await world.call(getMyProfile, { actor: known })).status).toBe(200);
  const answer = await world.call(getMyProfile, { actor: fresh });
  expect([answer.status, answer.json.code]).toEqual([503, "upstream-unreachable"]);
  await expect(world.registered(fresh)).rejects.toThrow();
  world.auth.isUp = true;
  expect((await world.call(getMyProfile, { actor: fresh })).status).toBe(200);
});

test("contact details change one by one, and an empty phone number removes it", async () => {
  const actor = await world.newPatient();
  const patched = await world.call(patchMyProfile, { actor, body: { phone: "+33 6 12 34 56 78", gender: "female" } });
  expect(patched.json).toMatchObject({ phone: "+33 6 12 34 56 78", gender: "female", locale: "fr" });
  const emptied = await world.call(patchMyProfile, { actor, body: { phone: "", locale: "en" } });
  expect(emptied.json).toMatchObject({ gender: "female", locale: "en" });
  expect("phone" in emptied.json).toBe(false);
  expect((await world.call(patchMyProfile, { actor, body: {} })).json).toEqual(emptied.json);
  expect((await world.audits("patient.patch-mine"))[0]).toMatchObject({ outcome: "ok", patientIds: [actor.patientId] });
});

test("the notification service learns whom to write to, and nothing more", async () => {
  const actor = await world.newPatient();
  const answer = await world.call(patientContact, { actor: serviceActor("notification"), params: { id: actor.patientId } });
  expect(answer.json).toEqual({ patientId: actor.patientId, accountId: actor.accountId, givenName: "Claire", locale: "fr" });
  const unknown = await world.call(patientContact, { actor: serviceActor("notification"), params: { id: unknownPatient } });
  expect(unknown.json.code).toBe("not-found");
});
