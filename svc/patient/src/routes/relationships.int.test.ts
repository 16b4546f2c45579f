import { afterAll, beforeAll, expect, test } from "bun:test";
import { endRelationship, getPatient, listRelationships, openRelationship } from "@episante/contracts/patient";
import type { Membership } from "@episante/contracts/session";
import { newId } from "@episante/service/ids";
import { doctorActor } from "@episante/testkit/actors";
import { day, startWorld, type World } from "../../test/world.ts";

let world: World;
const clinicId = newId("cli", 0);
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

function newDoctor(clinic: Membership["clinicId"] = clinicId) {
  const doctorId = newId("doc", Date.now());
  return { doctorId, clinicId: clinic, actor: doctorActor({ clinicId: clinic, doctorId }) };
}
async function canSee(doctor: ReturnType<typeof newDoctor>, patientId: string) {
  return (await world.call(getPatient, { actor: doctor.actor, params: { id: patientId } })).json.code ?? "yes";
}

test("a booking lets the doctor see the file from 7 days before to 90 days after the visit", async () => {
  const patient = await world.newPatient();
  const doctor = newDoctor();
  const { patientId } = patient;
  await world.booked(world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 10 }));
  expect(await canSee(doctor, patientId)).toBe("care-relationship-required");
  world.clock.advance(3 * day);
  expect(await canSee(doctor, patientId)).toBe("yes");
  world.clock.advance(97 * day);
  expect(await canSee(doctor, patientId)).toBe("yes");
  world.clock.advance(1_800_000);
  expect(await canSee(doctor, patientId)).toBe("care-relationship-required");
});

test("visits close in time are one relationship; cancelling shrinks it, and the last one closes it", async () => {
  const { patientId, ...patient } = await world.newPatient();
  const doctor = newDoctor();
  const first = world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 1 });
  const second = world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 60 });
  await world.booked(first);
  await world.booked(second);
  await world.booked(second);
  const list = await world.call(listRelationships, { actor: { ...patient, patientId }, params: { id: patientId } });
  expect(list.json.items).toHaveLength(1);
  expect(list.json.items[0]).toMatchObject({
    basis: "booking",
    doctorId: doctor.doctorId,
    from: new Date(Date.parse(first.start) - 7 * day).toISOString(),
    until: new Date(Date.parse(second.end) + 90 * day).toISOString(),
  });
  await world.cancelled(second);
  expect(await canSee(doctor, patientId)).toBe("yes");
  await world.cancelled(first);
  expect(await canSee(doctor, patientId)).toBe("care-relationship-required");
  const told = (await world.events("relationship.changed")).filter((event) => event.patientId === patientId);
  expect(new Set(told.map((event) => event.relationshipId)).size).toBe(1);
  expect(told.map((event) => event.until)).toEqual([
    new Date(Date.parse(first.end) + 90 * day).toISOString(),
    new Date(Date.parse(second.end) + 90 * day).toISOString(),
    new Date(Date.parse(first.end) + 90 * day).toISOString(),
    new Date(world.clock.now()).toISOString(),
  ]);
});

test("a moved visit takes the care along: later, to a colleague, and also when the move is heard before the booking", async () => {
  const { patientId } = await world.newPatient();
  const [doctor, colleague] = [newDoctor(), newDoctor()];
  const first = world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 1 });
  const later = world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 60 });
  await world.booked(first);
  expect(await canSee(doctor, patientId)).toBe("yes");
  await world.moved(first, later);
  expect(await canSee(doctor, patientId)).toBe("care-relationship-required");
  const { appointmentId } = first;
  const back = { ...world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 2 }), appointmentId };
  await world.moved({ ...later, appointmentId }, back);
  expect(await canSee(doctor, patientId)).toBe("yes");
  await world.moved(back, { ...back, doctorId: colleague.doctorId });
  expect(await canSee(doctor, patientId)).toBe("care-relationship-required");
  expect(await canSee(colleague, patientId)).toBe("yes");

  const early = world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 3 });
  await world.moved(early, { ...early, end: new Date(Date.parse(early.end) + 600_000).toISOString() });
  expect(await canSee(doctor, patientId)).toBe("yes");
  await world.booked(early);
  await world.cancelled(early);
  expect(await canSee(doctor, patientId)).toBe("care-relationship-required");
  await world.moved(early, { ...early, start: first.start });
  expect(await canSee(doctor, patientId)).toBe("care-relationship-required");
});

test("a visit entered in error gives no right to look, until that is undone; nor does a cancelled one; a no-show changes nothing", async () => {
  const { patientId } = await world.newPatient();
  const doctor = newDoctor();
  const visit = world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 1 });
  await world.booked(visit);
  await world.stateSet(visit, "booked", "noshow");
  expect(await canSee(doctor, patientId)).toBe("yes");
  await world.stateSet(visit, "booked", "entered-in-error");
  expect(await canSee(doctor, patientId)).toBe("care-relationship-required");
  await world.stateSet(visit, "entered-in-error", "booked");
  expect(await canSee(doctor, patientId)).toBe("yes");
  await world.cancelled(visit);
  expect(await canSee(doctor, patientId)).toBe("care-relationship-required");
  await world.stateSet(visit, "cancelled", "booked");
  expect(await canSee(doctor, patientId)).toBe("yes");
});

test("a visit that moves away from others leaves their relationship as it is without it", async () => {
  const { patientId } = await world.newPatient();
  const doctor = newDoctor();
  const [near, moving] = [1, 30].map((inDays) => world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays }));
  if (!near || !moving) throw new Error("two visits");
  await world.booked(near);
  await world.booked(moving);
  await world.moved(moving, world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 300 }));
  const told = (await world.events("relationship.changed")).filter((event) => event.patientId === patientId);
  expect(told.at(-2)).toMatchObject({ until: new Date(Date.parse(near.end) + 90 * day).toISOString() });
  expect(new Set(told.map((event) => event.relationshipId)).size).toBe(2);
  expect(await canSee(doctor, patientId)).toBe("yes");
});

test("a visit far away is a relationship of its own: the time between is not care", async () => {
  const { patientId, ...patient } = await world.newPatient();
  const doctor = newDoctor();
  await world.booked(world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 1 }));
  await world.booked(world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 300 }));
  const list = await world.call(listRelationships, { actor: { ...patient, patientId }, params: { id: patientId } });
  expect(list.json.items).toHaveLength(2);
});

test("bookings followed together end as they do one after the other: of several patients, near and far, known, repeated, already cancelled", async () => {
  const [anna, ben] = [await world.newPatient(), await world.newPatient()];
  const doctor = newDoctor();
  const visit = (patientId: typeof anna.patientId, inDays: number) =>
    world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays });
  const [first, near, far, bens, gone] = [
    visit(anna.patientId, 1),
    visit(anna.patientId, 60),
    visit(anna.patientId, 400),
    visit(ben.patientId, 2),
    visit(ben.patientId, 300),
  ];
  await world.booked(first);
  await world.cancelled(gone);
  await world.bookedTogether([near, bens, first, far, near, gone]);
  const listed = async (actor: typeof anna) =>
    (await world.call(listRelationships, { actor, params: { id: actor.patientId } })).json.items.map(
      ({ from, until }: { from: string; until: string }) => [from, until],
    );
  const stretch = (from: typeof first, until = from) => [
    new Date(Date.parse(from.start) - 7 * day).toISOString(),
    new Date(Date.parse(until.end) + 90 * day).toISOString(),
  ];
  expect(await listed(anna)).toEqual([stretch(first, near), stretch(far)]);
  expect(await listed(ben)).toEqual([stretch(bens)]);
  await world.cancelled(near);
  expect(await listed(anna)).toEqual([stretch(first), stretch(far)]);
  const told = (await world.events("relationship.changed")).filter((event) => event.patientId === ben.patientId);
  expect(told).toHaveLength(1);
});

test("a cancellation that is heard before its booking wins", async () => {
  const { patientId } = await world.newPatient();
  const doctor = newDoctor();
  const visit = world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 1 });
  await world.cancelled(visit);
  await world.booked(visit);
  expect(await canSee(doctor, patientId)).toBe("care-relationship-required");
});

test("a patient lets a doctor treat, once, and ends it at once", async () => {
  const actor = await world.newPatient();
  const doctor = newDoctor();
  await world.doctorJoined(doctor.doctorId, clinicId);
  const params = { id: actor.patientId };
  const opened = await world.call(openRelationship, { actor, params, body: { doctorId: doctor.doctorId } });
  expect(opened.status).toBe(201);
  expect(opened.json).toMatchObject({ basis: "patient-invitation", doctorId: doctor.doctorId, clinicId });
  expect("until" in opened.json).toBe(false);
  const again = await world.call(openRelationship, { actor, params, body: { doctorId: doctor.doctorId } });
  expect(again.json).toEqual(opened.json);
  expect(await canSee(doctor, actor.patientId)).toBe("yes");
  const own = await world.call(listRelationships, { actor: doctor.actor, params });
  expect(own.json.items).toEqual([opened.json]);
  const ended = await world.call(endRelationship, { actor, params: { ...params, relationshipId: opened.json.id } });
  expect(ended.status).toBe(204);
  expect(await canSee(doctor, actor.patientId)).toBe("care-relationship-required");
  expect((await world.call(endRelationship, { actor, params: { ...params, relationshipId: opened.json.id } })).status).toBe(404);
});

test("what the patient ended stays ended when its visits change; a new booking opens a new relationship", async () => {
  const actor = await world.newPatient();
  const { patientId } = actor;
  const doctor = newDoctor();
  const visit = world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 1 });
  const later = world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 2 });
  await world.booked(visit);
  await world.booked(later);
  const [open] = (await world.call(listRelationships, { actor, params: { id: patientId } })).json.items;
  await world.call(endRelationship, { actor, params: { id: patientId, relationshipId: open.id } });
  await world.cancelled(later);
  expect(await canSee(doctor, patientId)).toBe("care-relationship-required");
  await world.booked(world.visit({ patientId, doctorId: doctor.doctorId, clinicId, inDays: 3 }));
  expect(await canSee(doctor, patientId)).toBe("yes");
});

test("a doctor who left, or never accepted, cannot be chosen; an older event does not bring one back", async () => {
  const actor = await world.newPatient();
  const doctor = newDoctor();
  const choose = () => world.call(openRelationship, { actor, params: { id: actor.patientId }, body: { doctorId: doctor.doctorId } });
  expect((await choose()).json.code).toBe("not-found");
  await world.doctorJoined(doctor.doctorId, clinicId, "invited");
  expect((await choose()).json.code).toBe("not-found");
  world.clock.advance(1000);
  await world.doctorJoined(doctor.doctorId, clinicId, "ended");
  world.clock.advance(-1000);
  await world.doctorJoined(doctor.doctorId, clinicId, "active");
  world.clock.advance(1000);
  expect((await choose()).json.code).toBe("not-found");
});
