import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  acceptInvitation,
  accountProfile,
  bootstrap,
  endMembership,
  invite,
  listClinics,
  listMembers,
  me,
  updateClinic,
} from "@episante/contracts/auth";
import { serviceActor } from "@episante/testkit/actors";
import { expectProblem } from "@episante/testkit/refusals";
import { accept, clinicFacts, local, newMember, password, startClinic, startWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test("the operator creates a clinic; its admin accepts, signs in, and the others hear of both", async () => {
  const { clinicId, admin, adminAccount } = await startClinic(world);
  expect(admin.memberships).toEqual([{ clinicId, role: "admin" }]);
  expect((await world.entryOf(adminAccount.answer))?.idleSeconds).toBe(900);
  expect(await world.events("clinic.changed")).toContainEqual({ clinicId, ...clinicFacts });
  const changes = (await world.events("membership.changed")).filter((event) => event.clinicId === clinicId);
  expect(changes.map((event) => event.status)).toEqual(["invited", "active"]);
  const mine = await world.call(me, { actor: admin });
  expect(mine.json.memberships).toEqual([{ clinicId, role: "admin", clinicName: clinicFacts.name, zone: "Europe/Paris" }]);
  expect((await world.call(listClinics)).json.items).toContainEqual({ id: clinicId, ...clinicFacts });
});

test("the operator adds a second admin to a clinic, and says either a clinic or its facts", async () => {
  const { clinicId } = await startClinic(world);
  const actor = serviceActor("operator");
  const { email, givenName, familyName } = newMember(clinicId, "admin");
  const admin = { email, givenName, familyName };
  const added = await world.call(bootstrap, { actor, body: { clinicId, admin } });
  expect([added.status, added.json.clinicId]).toEqual([201, clinicId]);
  expectProblem(await world.call(bootstrap, { actor, body: { admin } }), 422, "invalid-input");
  expectProblem(await world.call(bootstrap, { actor, body: { clinicId, clinic: clinicFacts, admin } }), 422, "invalid-input");
  expectProblem(await world.call(bootstrap, { actor, body: { clinicId: `cli_${"0".repeat(32)}`, admin } }), 404, "not-found");
});

test("an invited doctor has a doctor id at once, kept when the invitation is accepted", async () => {
  const { clinicId, admin } = await startClinic(world);
  const invited = await world.call(invite, { actor: admin, body: newMember(clinicId, "doctor") });
  expect(invited.status).toBe(201);
  expect(invited.json).toMatchObject({ clinicId, role: "doctor", status: "invited", displayName: "Émile Vidal" });
  expect(invited.json.doctorId).toMatch(/^doc_/);
  expect(Date.parse(invited.json.expiresAt) - world.clock.now()).toBe(72 * 3_600_000);
  const doctor = await accept(world, invited.json.invitation);
  expect(doctor.actor.memberships).toEqual([{ clinicId, role: "doctor", doctorId: invited.json.doctorId }]);
  expect(doctor.accepted.json).toEqual({ accountId: invited.json.accountId, doctorId: invited.json.doctorId });
  const told = (await world.events("membership.changed")).filter((event) => event.membershipId === invited.json.id);
  expect(told.map((event) => [event.status, event.doctorId])).toEqual([
    ["invited", invited.json.doctorId],
    ["active", invited.json.doctorId],
  ]);
});

test("inviting the same person again replaces the secret, not the doctor", async () => {
  const { clinicId, admin } = await startClinic(world);
  const body = newMember(clinicId, "doctor");
  const first = await world.call(invite, { actor: admin, body });
  const second = await world.call(invite, { actor: admin, body });
  expect(second.json).toMatchObject({ id: first.json.id, doctorId: first.json.doctorId });
  expectProblem(
    await world.call(acceptInvitation, { body: { invitation: first.json.invitation, password }, headers: local }),
    409,
    "code-used",
  );
  await accept(world, second.json.invitation);
});

test("ending a membership takes its rights from open sessions before the answer", async () => {
  const { clinicId, admin } = await startClinic(world);
  const invited = await world.call(invite, { actor: admin, body: newMember(clinicId, "staff") });
  const member = await accept(world, invited.json.invitation);
  expect((await world.call(endMembership, { actor: admin, params: { id: invited.json.id } })).status).toBe(204);
  const entry = await world.entryOf(member.answer);
  expect(entry?.actor.memberships).toEqual([]);
  if (!entry) throw new Error("no entry");
  expect((await world.call(me, { actor: entry.actor })).json.memberships).toEqual([]);
  expectProblem(await world.call(endMembership, { actor: admin, params: { id: invited.json.id } }), 404, "not-found");
  const told = (await world.events("membership.changed")).filter((event) => event.membershipId === invited.json.id);
  expect(told.at(-1)?.status).toBe("ended");
});

test("admins see every member with the e-mail, colleagues see who is active, without", async () => {
  const { clinicId, admin } = await startClinic(world);
  const invited = await world.call(invite, { actor: admin, body: newMember(clinicId, "staff") });
  const member = await accept(world, invited.json.invitation);
  await world.call(invite, { actor: admin, body: newMember(clinicId, "staff") });
  const full = await world.call(listMembers, { actor: admin });
  expect(full.json.items.map((item: { status: string }) => item.status).sort()).toEqual(["active", "active", "invited"]);
  expect(full.json.items.map((item: { email: string }) => item.email)).toContain(invited.json.email);
  const short = await world.call(listMembers, { actor: member.actor });
  expect(short.json.items).toHaveLength(2);
  expect(short.json.items.every((item: { email: string }) => item.email === "")).toBe(true);
});

test("an admin changes the own clinic's facts and the others hear of it", async () => {
  const { clinicId, admin } = await startClinic(world);
  const facts = { ...clinicFacts, phone: "+33 4 11 11 11 11" };
  const answer = await world.call(updateClinic, { actor: admin, params: { id: clinicId }, body: facts });
  expect([answer.status, answer.json]).toEqual([200, { id: clinicId, ...facts }]);
  expect((await world.events("clinic.changed")).at(-1)).toEqual({ clinicId, ...facts });
  const bad = await world.call(updateClinic, { actor: admin, params: { id: clinicId }, body: { ...facts, zone: "Mars/Olympus" } });
  expectProblem(bad, 422, "invalid-input");
});

test("other services read the profile given at registration, by account id", async () => {
  const { actor, person } = await world.signUp({ locale: "en" });
  const answer = await world.call(accountProfile, { actor: serviceActor("patient"), params: { id: actor.accountId } });
  const { password: _, ...profile } = person;
  expect(answer.json).toEqual({ ...profile, locale: "en", accountId: actor.accountId, patientId: actor.patientId });
  const { clinicId, admin } = await startClinic(world);
  const invited = await world.call(invite, { actor: admin, body: newMember(clinicId, "doctor") });
  const doctor = await world.call(accountProfile, { actor: serviceActor("doctor"), params: { id: invited.json.accountId } });
  expect(doctor.json).toMatchObject({ givenName: "Émile", familyName: "Vidal", locale: "fr" });
  expect("birthDate" in doctor.json).toBe(false);
  expectProblem(
    await world.call(accountProfile, { actor: serviceActor("patient"), params: { id: `acc_${"0".repeat(32)}` } }),
    404,
    "not-found",
  );
});
