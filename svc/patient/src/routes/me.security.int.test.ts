import { afterAll, beforeAll, expect, test } from "bun:test";
import { getMyProfile, patchMyProfile, patientBirthDates, patientContact } from "@episante/contracts/patient";
import { grant } from "@episante/service/db";
import { serviceActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { startWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

refusals(getMyProfile, async () => ({ harness: world, accepted: { actor: await world.newPatient() } }));
refusals(patchMyProfile, async () => ({ harness: world, accepted: { actor: await world.newPatient(), body: { gender: "other" } } }));
refusals(patientContact, async () => ({
  harness: world,
  accepted: { actor: serviceActor("notification"), params: { id: (await world.newPatient()).patientId } },
}));
refusals(patientBirthDates, async () => ({
  harness: world,
  accepted: { actor: serviceActor("appointment"), body: { ids: [(await world.newPatient()).patientId] } },
}));

test("birth dates are told to the appointment service only, of the patients it names, and are on each one's record", async () => {
  const [one, two] = [await world.newPatient(), await world.newPatient()];
  const ids = [one.patientId, two.patientId, `pat_${"0".repeat(32)}`];
  expectProblem(await world.call(patientBirthDates, { actor: serviceActor("notification"), body: { ids } }), 403, "forbidden");
  const { json } = await world.call(patientBirthDates, { actor: serviceActor("appointment"), body: { ids } });
  const day = expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/);
  const byId = (a: { patientId: string }, b: { patientId: string }) => (a.patientId < b.patientId ? -1 : 1);
  expect(json.items.toSorted(byId)).toEqual([one, two].map(({ patientId }) => ({ patientId, birthDate: day })).toSorted(byId));
});

test.each([
  { birthDate: "1990-01-01" },
  { givenName: "Autre" },
  { id: `pat_${"0".repeat(32)}` },
  { role: "admin", emailVerified: true },
  { fileNumber: "P1" },
])("identity and rights cannot be patched: %p", async (body) => {
  const actor = await world.newPatient();
  const before = (await world.call(getMyProfile, { actor })).json;
  expectProblem(await world.call(patchMyProfile, { actor, body }), 422, "unknown-field");
  expect((await world.call(getMyProfile, { actor })).json).toEqual(before);
});

test("prototype keys, wrong types and over-long values are refused and change nothing", async () => {
  const actor = await world.newPatient();
  for (const rawBody of [
    '{"__proto__":{"gender":"male"}}',
    '{"gender":1}',
    '{"phone":{"a":1}}',
    `{"phone":"${"1".repeat(31)}"}`,
    '"text"',
  ]) {
    const answer = await world.call(patchMyProfile, { actor, rawBody });
    expectProblem(answer, 422, answer.json.code);
  }
  expect((await world.call(getMyProfile, { actor })).json.gender).toBe("unknown");
});

test("an account whose profile names another patient gets nothing", async () => {
  const victim = await world.newPatient();
  const thief = world.newAccount({ patientId: victim.patientId });
  expectProblem(await world.call(getMyProfile, { actor: thief }), 404, "not-found");
});

test("row-level security hides every table of patients without context, and other patients with one", async () => {
  const mine = await world.newPatient();
  const other = await world.newPatient();
  const { db } = world.deps;
  for (const table of ["patients", "patient_clinics", "relationships", "visits"]) {
    await world.owner`select 1`;
    expect(await db.bulk.unsafe(`select * from ${table}`)).toHaveLength(0);
    const [flags] = await world.owner`select relrowsecurity and relforcerowsecurity as forced from pg_class where relname = ${table}`;
    expect(flags?.forced).toBe(true);
  }
  const seen = await db.transaction(grant.patients([mine.patientId]), (tx) => tx.execute("select id from patients"));
  expect(seen.map((row) => row.id)).toEqual([mine.patientId]);
  const changed = await db.transaction(grant.patients([mine.patientId]), (tx) =>
    tx.execute(`update patients set phone = 'x' where id = '${other.patientId}' returning id`),
  );
  expect(changed).toHaveLength(0);
});

test("a thousand interleaved reads of two patients never mix", async () => {
  const [one, two] = [await world.newPatient({ givenName: "Une" }), await world.newPatient({ givenName: "Deux" })];
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, index) => world.call(getMyProfile, { actor: index % 2 ? one : two })));
  expect(answers.every((answer, index) => answer.json.givenName === (index % 2 ? "Une" : "Deux"))).toBe(true);
});

test("names and numbers never reach the log or the outbox", async () => {
  const actor = await world.newPatient({ familyName: "Canaryname", givenName: "Canarygiven" });
  await world.call(patchMyProfile, { actor, body: { phone: "+33 6 99 88 77 66" } });
  await world.call(patchMyProfile, { actor, body: { phone: "canary".repeat(10) } });
  await world.owner`alter table patients rename to patients_away`;
  const broken = await world.call(patchMyProfile, { actor, body: { phone: "canary" } });
  await world.owner`alter table patients_away rename to patients`;
  expectProblem(broken, 500, "internal-error");
  const outbox = await world.owner`select payload from outbox`;
  const said = [...world.lines, ...outbox.map((row) => String(row.payload)), broken.text].join("\n").toLowerCase();
  expect(world.lines.length).toBeGreaterThan(0);
  expect(said).not.toMatch(/canary|99 88/);
});
