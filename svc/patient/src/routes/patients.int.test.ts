import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPatient, getPatient, listPatients } from "@episante/contracts/patient";
import { newId } from "@episante/service/ids";
import { doctorActor, staffActor } from "@episante/testkit/actors";
import { startWorld, type World } from "../../test/world.ts";

let world: World;
const clinicId = newId("cli", 0);
const doctorId = newId("doc", 0);
const doctor = doctorActor({ clinicId, doctorId });
const staff = staffActor(clinicId);
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** A patient whom the clinic knows by a visit. */
async function known(givenName: string, familyName: string) {
  const actor = await world.newPatient({ givenName, familyName });
  await world.booked(world.visit({ patientId: actor.patientId, doctorId, clinicId, inDays: 1 }));
  return actor;
}
const names = (answer: { json: { items: { givenName: string }[] } }) => answer.json.items.map((item) => item.givenName);

test("the treating doctor sees the profile, staff of the clinic too, and the reading is on record", async () => {
  const { patientId } = await known("Inès", "Moreau");
  const seen = await world.call(getPatient, { actor: doctor, params: { id: patientId } });
  expect(seen.json).toMatchObject({ id: patientId, familyName: "Moreau", locale: "fr" });
  expect((await world.call(getPatient, { actor: staff, params: { id: patientId } })).json).toEqual(seen.json);
  expect((await world.audits("patient.get")).filter((record) => record.patientIds.includes(patientId))).toHaveLength(2);
});

test("patients are found by the beginning of any name, without accents, and by file number", async () => {
  const eloise = await known("Éloïse", "Lefèvre-Durand");
  await known("Élodie", "Martin");
  expect(names(await world.call(listPatients, { actor: staff, query: { q: "eloi LEFE" } }))).toEqual(["Éloïse"]);
  expect(names(await world.call(listPatients, { actor: staff, query: { q: "durand" } }))).toEqual(["Éloïse"]);
  expect(names(await world.call(listPatients, { actor: staff, query: { q: "oise" } }))).toEqual([]);
  const { fileNumber } = (await world.call(getPatient, { actor: eloise, params: { id: eloise.patientId } })).json;
  const byNumber = await world.call(listPatients, { actor: doctor, query: { q: fileNumber.toLowerCase() } });
  expect(names(byNumber)).toEqual(["Éloïse"]);
  expect(Object.keys(byNumber.json.items[0]).sort()).toEqual(["birthDate", "familyName", "fileNumber", "gender", "givenName", "id"]);
});

test("known ids are named; unknown ones are left out", async () => {
  const one = await known("Noé", "Un");
  const two = await known("Zoé", "Deux");
  const ids = [one.patientId, two.patientId, newId("pat", 0), one.patientId].join(",");
  const answer = await world.call(listPatients, { actor: doctor, query: { ids } });
  expect(names(answer)).toEqual(["Zoé", "Noé"]);
  const record = (await world.audits("patient.list")).at(-1);
  expect(new Set(record?.patientIds)).toEqual(new Set([one.patientId, two.patientId]));
});

test("pages follow each other without gap or repeat", async () => {
  for (const name of ["Ana", "Bea", "Cleo", "Dora", "Eva"]) await known(name, "Pagination");
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await world.call(listPatients, { actor: staff, query: { q: "pagination", limit: 2, cursor } });
    found.push(...names(page));
    cursor = page.json.next;
  } while (cursor);
  expect(found).toEqual(["Ana", "Bea", "Cleo", "Dora", "Eva"]);
});

test("a caller gets a file with a phone number and no e-mail, is told to other services, and is found by name, birth date and phone", async () => {
  const body = { givenName: "Odette", familyName: "Vannier", birthDate: "1938-07-09", phone: "06 55 44 33 22" };
  const created = await world.call(createPatient, { actor: staff, body });
  expect(created).toMatchObject({ status: 201, json: { familyName: "Vannier", birthDate: "1938-07-09", gender: "unknown" } });
  expect(Object.keys(created.json)).not.toContain("phone");
  expect(await world.events("patient.registered")).toContainEqual({ patientId: created.json.id });
  for (const q of ["vann ode", "9/7/1938", "09071938", "+33 6 55 44 33 22", "443322", created.json.fileNumber])
    expect([q, names(await world.call(listPatients, { actor: staff, query: { q } }))]).toEqual([q, ["Odette"]]);
  expect(names(await world.call(listPatients, { actor: staffActor(newId("cli", 0)), query: { q: "0655443322" } }))).toEqual([]);
  expect((await world.audits("patient.create")).at(-1)).toMatchObject({ patientIds: [created.json.id] });
});
