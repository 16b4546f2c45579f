import { afterAll, beforeAll, expect, test } from "bun:test";
import { listPatients } from "@episante/contracts/patient";
import { exportPatients, importPatients, patientReferences } from "@episante/contracts/transfer";
import { newId } from "@episante/service/ids";
import { adminActor, serviceActor, staffActor } from "@episante/testkit/actors";
import { startWorld, type World } from "../../test/world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** A clinic of its own for each test. */
async function newClinic() {
  const clinicId = newId("cli", 0);
  await world.clinicOpened(clinicId);
  return { clinicId, staff: staffActor(clinicId), admin: adminActor(clinicId) };
}
type Clinic = Awaited<ReturnType<typeof newClinic>>;
const send = (clinic: Clinic, text: string, dryRun = false, actor = clinic.staff) =>
  world.call(importPatients, { actor, body: { clinicId: clinic.clinicId, text, dryRun } });
const download = async (clinic: Clinic) =>
  (await world.call(exportPatients, { actor: clinic.admin, query: { clinicId: clinic.clinicId } })).text;
const countOf = async (clinic: Clinic) => {
  const [row] = await world.owner`select count(*)::int as n from patient_clinics where clinic_id = ${clinic.clinicId}`;
  return row?.n;
};
const header = "Nom;Prénom;Date de naissance;Téléphone;E-mail;Langue;Identifiant\r\n";
const two = `${header}Durand;Zoé;01/02/1990;+33 6 12 34 56 78;zoe@exemple.fr;fr;7\r\n"Petit; dit ""Jo""";Joseph;1950-12-31;;;en;8\r\n`;

test("a dry run tells what the import then does; each new patient is known to the clinic, told to other services and on record", async () => {
  const clinic = await newClinic();
  const dry = await send(clinic, two, true);
  expect(dry.json).toEqual({
    imported: false,
    faults: [],
    ignored: [],
    rows: [
      { row: 2, change: "new" },
      { row: 3, change: "new" },
    ],
  });
  expect(await countOf(clinic)).toBe(0);
  const done = await send(clinic, two, false, clinic.admin);
  expect(done.json).toEqual({ ...dry.json, imported: true });
  const found = await world.call(listPatients, { actor: clinic.staff, query: { q: "durand zoe" } });
  expect(found.json.items).toMatchObject([{ familyName: "Durand", birthDate: "1990-02-01" }]);
  const [{ id }] = found.json.items;
  expect(await world.events("patient.registered")).toContainEqual({ patientId: id });
  const record = (await world.audits("patient.import")).at(-1);
  expect(record).toMatchObject({ clinicIds: [clinic.clinicId] });
  expect(record?.patientIds).toContain(id);
  expect(record?.patientIds).toHaveLength(2);
});

test("a repeat changes nothing, also of a file that says other things of a known number", async () => {
  const clinic = await newClinic();
  await send(clinic, two);
  const events = (await world.events("patient.registered")).length;
  const again = await send(clinic, two.replace("Zoé", "Zoë"));
  expect(again.json).toMatchObject({ imported: true, rows: [{ change: "known" }, { change: "known" }] });
  expect(await countOf(clinic)).toBe(2);
  expect((await world.events("patient.registered")).length).toBe(events);
  expect(await download(clinic)).toContain("Zoé");
});

test("two imports of one file at the same moment open each file once", async () => {
  const clinic = await newClinic();
  const answers = await Promise.all([send(clinic, two), send(clinic, two), send(clinic, two)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await countOf(clinic)).toBe(2);
});

test("one faulty row and nothing is imported; every fault is told with row, column and why", async () => {
  const clinic = await newClinic();
  const answer = await send(clinic, `${two}Martin;;hier;12;;;8`);
  expect(answer.json.imported).toBe(false);
  expect(answer.json.faults).toMatchObject([
    { row: 4, column: "givenName", code: "required" },
    { row: 4, column: "birthDate", code: "bad-day" },
    { row: 4, column: "phone", code: "bad-phone" },
  ]);
  expect(await countOf(clinic)).toBe(0);
});

test("who is known without a number by name and date of birth gets the file's number and no second file", async () => {
  const clinic = await newClinic();
  await send(clinic, "nom,prénom,date de naissance\nDurand,Zoé,1990-02-01");
  expect((await send(clinic, two)).json.rows[0]).toEqual({ row: 2, change: "known", warning: "same-person" });
  expect((await send(clinic, two)).json.rows[0]).toEqual({ row: 2, change: "known" });
  expect(await countOf(clinic)).toBe(2);
});

test("an export is imported again unchanged: here nobody is new, elsewhere everybody is, and that clinic exports the same", async () => {
  const clinic = await newClinic();
  await send(clinic, two);
  await send(clinic, "nom,prénom,date de naissance,tél.\n=cmd|' /C calc'!A0,'=x,1970-01-01,+33 1 23 45 67 89");
  const text = await download(clinic);
  expect(text.split("\r\n")[0]).toBe("familyName;givenName;birthDate;gender;phone;email;locale;externalId");
  expect(text).toContain("'=cmd|' /C calc'!A0;");
  expect(text).not.toMatch(/(^|;)[=+\-@]/m);
  const changes = (answer: Awaited<ReturnType<typeof send>>) => answer.json.rows.map(({ change }: { change: string }) => change);
  expect(changes(await send(clinic, text))).toEqual(["known", "known", "known"]);
  const other = await newClinic();
  expect(changes(await send(other, text))).toEqual(["new", "new", "new"]);
  expect((await download(other)).split("\r\n").sort()).toEqual(text.split("\r\n").sort());
  expect((await world.audits("patient.export")).at(-1)).toMatchObject({ clinicIds: [other.clinicId], entity: { type: "export" } });
});

test("5,000 people are imported, found again by a repeat and by name, and exported page by page; a row more is refused", async () => {
  const clinic = await newClinic();
  const row = (_: unknown, index: number) => `Nom ${index},Prénom,1980-01-01,${index}`;
  const text = (count: number) => `nom,prénom,date de naissance,numéro\n${Array.from({ length: count }, row).join("\n")}`;
  expect((await send(clinic, text(5_001))).json.faults).toMatchObject([{ code: "too-many-rows" }]);
  expect((await send(clinic, text(5_000))).json.imported).toBe(true);
  for (const repeat of [text(5_000), text(5_000).replaceAll(/,\d+$/gm, ",")]) {
    const { json } = await send(clinic, repeat);
    expect(json.rows.filter(({ change }: { change: string }) => change === "known")).toHaveLength(5_000);
  }
  expect((await download(clinic)).trim().split("\r\n")).toHaveLength(5_001);
  const named = new Set((await world.audits("patient.export")).flatMap(({ patientIds }) => patientIds));
  const known = await world.owner`select patient_id from patient_clinics where clinic_id = ${clinic.clinicId}`;
  expect(known.filter(({ patient_id: id }) => !named.has(String(id)))).toEqual([]);
}, 60_000);

test("what is no table of patients is told so and never a fault of the server", async () => {
  const clinic = await newClinic();
  const codes = async (text: string) => (await send(clinic, text)).json.faults.map(({ code }: { code: string }) => code);
  expect(await codes("")).toEqual(["empty-file"]);
  expect(await codes(header)).toEqual(["no-rows"]);
  expect(await codes("nom;prénom\na;b")).toEqual(["missing-column"]);
  expect(await codes(`nom;${header}a;b`)).toEqual(["column-twice"]);
  expect(await codes("PK\u0003\u0004\u0014")).toEqual(["not-text"]);
  expect(await codes(`${header}"a;b`)).toEqual(["unclosed-quote"]);
  expect(await codes("x".repeat(100_000))).toEqual(["missing-column", "missing-column", "missing-column"]);
  expect((await send(clinic, "x".repeat(2 * 1024 * 1024 + 1))).json.code).toBe("invalid-input");
});

test("tables of visits name patients by number or id, of their own clinic only", async () => {
  const [clinic, other] = [await newClinic(), await newClinic()];
  await send(clinic, two);
  const ask = async (clinicId: string, references: string[]) =>
    (await world.call(patientReferences, { actor: serviceActor("appointment"), body: { clinicId, references } })).json.items;
  const [zoe] = await ask(clinic.clinicId, ["7", "99"]);
  expect(zoe).toMatchObject({ reference: "7", externalId: "7" });
  expect(await ask(clinic.clinicId, [zoe.patientId])).toEqual([{ ...zoe, reference: zoe.patientId }]);
  expect(await ask(other.clinicId, ["7", zoe.patientId])).toEqual([]);
});
