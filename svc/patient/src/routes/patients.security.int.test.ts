import { afterAll, beforeAll, expect, test } from "bun:test";
import type { PatientId } from "@episante/contracts/ids";
import { createPatient, endRelationship, getPatient, listPatients, listRelationships, openRelationship } from "@episante/contracts/patient";
import type { UserActor } from "@episante/contracts/session";
import { newId } from "@episante/service/ids";
import { adminActor, doctorActor, staffActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { startWorld, unknownPatient, type World } from "../../test/world.ts";

let world: World;
const clinicId = newId("cli", 0);
const doctorId = newId("doc", 0);
const doctor = doctorActor({ clinicId, doctorId });
let patient: UserActor & { patientId: PatientId };
let stranger: UserActor & { patientId: PatientId };
beforeAll(async () => {
  world = await startWorld();
  patient = await world.newPatient();
  stranger = await world.newPatient();
  await world.doctorJoined(doctorId, clinicId);
  await world.booked(world.visit({ patientId: patient.patientId, doctorId, clinicId, inDays: 1 }));
});
afterAll(() => world.close());

refusals(getPatient, async () => ({ harness: world, accepted: { actor: patient, params: { id: patient.patientId } } }));
refusals(listPatients, async () => ({ harness: world, accepted: { actor: doctor, query: { q: "fontaine" } } }));
const caller = { givenName: "Odette", familyName: "Vannier", birthDate: "1938-07-09", phone: "06 55 44 33 22" };
refusals(createPatient, async () => ({ harness: world, accepted: { actor: staffActor(clinicId), body: caller } }));
refusals(listRelationships, async () => ({ harness: world, accepted: { actor: patient, params: { id: patient.patientId } } }));
refusals(openRelationship, async () => ({
  harness: world,
  accepted: { actor: patient, params: { id: patient.patientId }, body: { doctorId } },
}));
refusals(endRelationship, async () => ({
  harness: world,
  accepted: { actor: patient, params: { id: patient.patientId, relationshipId: newId("rel", 0) } },
}));

/** The answer without what differs from request to request. */
const plain = (answer: { status: number; json: Record<string, unknown>; headers: Headers }) => ({
  status: answer.status,
  body: { ...answer.json, traceId: "" },
  headers: [...answer.headers].sort(),
});

test("another patient's id in the path reads as an id that never was, on every path", async () => {
  const outsiders = [stranger, adminActor(clinicId), doctorActor(), staffActor()];
  for (const actor of outsiders) {
    for (const endpoint of [getPatient, listRelationships]) {
      const foreign = await world.call(endpoint, { actor, params: { id: patient.patientId } });
      const unknown = await world.call(endpoint, { actor, params: { id: unknownPatient } });
      expectProblem(foreign, 404, "not-found");
      expect(plain(foreign)).toEqual(plain(unknown));
    }
  }
  const [open] = (await world.call(listRelationships, { actor: patient, params: { id: patient.patientId } })).json.items;
  const attempts = async (id: PatientId, relationshipId: string) => [
    plain(await world.call(openRelationship, { actor: stranger, params: { id }, body: { doctorId } })),
    plain(await world.call(endRelationship, { actor: stranger, params: { id, relationshipId } })),
  ];
  const foreign = await attempts(patient.patientId, open.id);
  expect(foreign.map((answer) => answer.status)).toEqual([404, 404]);
  expect(foreign).toEqual(await attempts(unknownPatient, newId("rel", 0)));
  const own = await world.call(endRelationship, { actor: stranger, params: { id: stranger.patientId, relationshipId: open.id } });
  expectProblem(own, 404, "not-found");
  expect((await world.call(getPatient, { actor: doctor, params: { id: patient.patientId } })).status).toBe(200);
});

test("a doctor of the clinic without relationship is told that one is needed, and the refusal is on record", async () => {
  const colleague = doctorActor({ clinicId });
  for (const endpoint of [getPatient, listRelationships]) {
    expectProblem(await world.call(endpoint, { actor: colleague, params: { id: patient.patientId } }), 403, "care-relationship-required");
  }
  expect((await world.audits("patient.get")).at(-1)).toMatchObject({ outcome: "denied", reason: "care-relationship-required" });
  expectProblem(await world.call(getPatient, { actor: colleague, params: { id: stranger.patientId } }), 404, "not-found");
});

test("staff may know who a patient is, not who treats them", async () => {
  const staff = staffActor(clinicId);
  expect((await world.call(getPatient, { actor: staff, params: { id: patient.patientId } })).status).toBe(200);
  expectProblem(await world.call(listRelationships, { actor: staff, params: { id: patient.patientId } }), 404, "not-found");
});

test("lists hold patients of the own clinic only, by name and by id", async () => {
  const ids = [patient.patientId, stranger.patientId].join(",");
  for (const query of [{ q: "fontaine" }, { ids }]) {
    const inside = await world.call(listPatients, { actor: doctor, query });
    expect(inside.json.items.map((item: { id: string }) => item.id)).toEqual([patient.patientId]);
    const outside = await world.call(listPatients, { actor: staffActor(), query });
    expect(outside.json).toEqual({ items: [] });
  }
});

test("a cursor of a foreign patient answers nothing about that patient", async () => {
  const page = await world.call(listPatients, { actor: staffActor(clinicId), query: { q: "fontaine", cursor: stranger.patientId } });
  expect(page.json).toEqual({ items: [] });
});

test.each([
  {},
  { q: "ab" },
  { q: "%%%" },
  { q: "'; drop table patients; --", ids: "x" },
  { ids: "pat_1" },
  { ids: Array.from({ length: 201 }, (_, index) => `pat_${String(index).padStart(32, "0")}`).join(",") },
  { q: "fontaine", cursor: "eyJ" },
  { q: "fontaine", limit: 0 },
  { q: "fontaine", limit: "1e999" },
  { q: "fontaine", sort: "name;drop" },
])("a bad question is refused: %p", async (query) => {
  const answer = await world.call(listPatients, { actor: doctor, query: query as Record<string, string> });
  expect(["invalid-input", "unknown-field"]).toContain(answer.json.code);
  expectProblem(answer, 422, answer.json.code);
});

test("signs of patterns and quotes in a name find nothing and break nothing", async () => {
  for (const q of ["%onta%", "_______", "fon'taine\\", "fontaine\u0000", "\ud800\ud800\ud800 abc"]) {
    const answer = await world.call(listPatients, { actor: doctor, query: { q } });
    expect(answer.status).toBeLessThan(500);
  }
});

test("a file is opened for an own clinic only", async () => {
  const answer = await world.call(createPatient, { actor: staffActor(clinicId), body: { ...caller, clinicId: newId("cli", 0) } });
  expectProblem(answer, 404, "not-found");
});

test.each([
  { phone: "12345" },
  { phone: "call me" },
  { birthDate: "2031-01-01" },
  { birthDate: "1938-02-30" },
  { familyName: " " },
  { givenName: "a\u0000b" },
  { fileNumber: "P1" },
  { accountId: "acc_1" },
])("a bad file for a caller is refused: %p", async (change) => {
  const answer = await world.call(createPatient, { actor: staffActor(clinicId), body: { ...caller, ...change } });
  expectProblem(answer, 422, answer.json.code);
});
