import { afterAll, beforeAll, expect, test } from "bun:test";
import { exportPatients, importPatients, patientReferences } from "@episante/contracts/transfer";
import { newId } from "@episante/service/ids";
import { adminActor, doctorActor, serviceActor, staffActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { startWorld, type World } from "../../test/world.ts";

let world: World;
const clinicId = newId("cli", 0);
const staff = staffActor(clinicId);
const file = { clinicId, text: "nom,prénom,date de naissance,numéro\nDurand,Zoé,1990-02-01,7", dryRun: false };
beforeAll(async () => {
  world = await startWorld();
  await world.clinicOpened(clinicId);
});
afterAll(() => world.close());

refusals(importPatients, async () => ({ harness: world, accepted: { actor: staff, body: file } }));
refusals(exportPatients, async () => ({ harness: world, accepted: { actor: staff, query: { clinicId } } }));
refusals(patientReferences, async () => ({
  harness: world,
  accepted: { actor: serviceActor("appointment"), body: { clinicId, references: ["7"] } },
}));

test("members of another clinic neither import into nor export from this one, and learn not even that it exists", async () => {
  for (const actor of [staffActor(), adminActor()]) {
    for (const asked of [clinicId, newId("cli", 0)]) {
      expectProblem(await world.call(importPatients, { actor, body: { ...file, clinicId: asked } }), 404, "not-found");
      expectProblem(await world.call(exportPatients, { actor, query: { clinicId: asked } }), 404, "not-found");
    }
  }
  const denied = (await world.audits("patient.export")).at(-1);
  expect(denied).toMatchObject({ outcome: "denied", patientIds: [] });
});

test("who is staff in one clinic and doctor in another exports the first only", async () => {
  const [first, second] = [newId("cli", 0), newId("cli", 0)];
  const actor = { ...staffActor(first) };
  const both = { ...actor, memberships: [...actor.memberships, ...doctorActor({ clinicId: second }).memberships] };
  expect((await world.call(exportPatients, { actor: both, query: { clinicId: first } })).status).toBe(200);
  expectProblem(await world.call(exportPatients, { actor: both, query: { clinicId: second } }), 404, "not-found");
});

test("another clinic's external number opens a file of its own and touches nobody else's patient", async () => {
  await world.call(importPatients, { actor: staff, body: file });
  const other = newId("cli", 0);
  await world.clinicOpened(other);
  const [row] = await world.owner`select patient_id as id from patient_clinics where clinic_id = ${clinicId}`;
  const id = String(row?.id);
  const text = `${file.text}\nVoleur,Vic,1990-02-02,${id}`;
  const answer = await world.call(importPatients, { actor: staffActor(other), body: { clinicId: other, text, dryRun: false } });
  expect(answer.json.rows.map(({ change }: { change: string }) => change)).toEqual(["new", "new"]);
  const known = await world.owner`select clinic_id from patient_clinics where patient_id = ${id}`;
  expect(known.map((row) => row.clinic_id)).toEqual([clinicId]);
});

test("neither names nor contact details of a file reach the log", async () => {
  await world.call(importPatients, { actor: staff, body: { ...file, text: `${file.text}\nSecretname,Ana,x,` } });
  expect(world.lines.join("\n")).not.toContain("Secretname");
});
