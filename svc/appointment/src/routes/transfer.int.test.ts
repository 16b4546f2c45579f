import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { book, getAppointment, getSchedule, listAppointments, putSchedule } from "@episante/contracts/appointment";
import { getDoctor } from "@episante/contracts/doctor";
import type { Endpoint } from "@episante/contracts/endpoint";
import { refuse } from "@episante/contracts/problem";
import { exportHours, exportVisits, importHours, importVisits, patientReferences } from "@episante/contracts/transfer";
import { moveVisit, visitHistory } from "@episante/contracts/visit";
import type { CallInternal } from "@episante/service/call";
import { adminActor, patientActor } from "@episante/testkit/actors";
import { type Harness, harness } from "@episante/testkit/service";
import { bookingWorld, freshKey, type World, weekdays } from "../../test/world.ts";
import { routes } from "../app.ts";

let world: World;
let app: Harness;
let [zoe, leo] = ["", ""];
/** What the directory and svc/patient answer. */
let areUp = true;
const numbers = new Map<string, string>();
beforeAll(async () => {
  world = await bookingWorld();
  [zoe, leo] = [await world.knownPatient(), await world.knownPatient()];
  numbers.set("7", zoe).set("8", leo);
  const others = async (
    endpoint: Endpoint,
    { params = {}, body = {} }: { params?: { id?: string }; body?: { references?: string[] } } = {},
  ) => {
    if (!areUp) return refuse("upstream-unreachable");
    if (endpoint.id === patientReferences.id) {
      const known = [...numbers].flatMap(([externalId, patientId]) =>
        (body.references ?? [])
          .filter((one) => one === externalId || one === patientId)
          .map((reference) => ({ reference, patientId, externalId })),
      );
      return { items: known };
    }
    if (params.id === world.otherDoctorId) return refuse("not-found");
    if (endpoint.id === getDoctor.id) return { givenName: "Claire", familyName: "Morel" };
    return { items: [{ id: world.reasons.r20, name: { fr: "Suivi", en: "Follow-up" } }] };
  };
  app = await harness({ service: "appointment", routes: routes({ ...world.deps, callInternal: others as unknown as CallInternal }) });
});
afterAll(() => world.close());
beforeEach(async () => {
  const { owner } = world.database;
  areUp = true;
  await owner`truncate visit_history, appointments, holds, busy, outbox, idempotency, resources, resource_plans cascade`;
  await owner`update reasons set resource_types = '{}', buffer_after_minutes = 0`;
});

const header = "médecin;patient;motif;début;durée;statut\r\n";
const file = (...rows: string[]) => `${header}${rows.join("\r\n")}`;
const send = (text: string, dryRun = false, actor = world.staff) =>
  app.call(importVisits, { actor, body: { clinicId: world.clinicId, text, dryRun } });
const download = async (query: object = {}) =>
  (await app.call(exportVisits, { actor: adminActor(world.clinicId), query: { clinicId: world.clinicId, ...query } })).text;
const stored = () => world.database.owner`select * from appointments order by starts_at, status`;
const told = async (type: string) =>
  (await world.database.owner`select payload from outbox where type = ${type} order by seq`).map(
    (row) => JSON.parse(String(row.payload)).data,
  );
const four = () =>
  file(
    "Claire Morel;7;Suivi;24/11/2026 09:00;;",
    "Morel;8;follow-up;2026-11-20 09:00;30;honoré",
    `${world.doctorId};8;${world.reasons.r40};2026-11-19 10:00;;noshow`,
    "Morel;7;Suivi;2026-11-24 09:00;;annulé",
  );

test("a dry run tells what the import then does, and gives back the times it took", async () => {
  const dry = await send(four(), true);
  expect(dry.json).toEqual({
    imported: false,
    faults: [],
    ignored: [],
    rows: [2, 3, 4, 5].map((row) => ({ row, change: "new" })),
  });
  expect(await stored()).toHaveLength(0);
  expect(await world.database.owner`select 1 from busy`).toHaveLength(0);
  expect(await told("appointment.booked")).toEqual([]);
  expect((await send(four())).json).toEqual({ ...dry.json, imported: true });
  const rows = await stored();
  expect(rows.map(({ status }) => status)).toEqual(["noshow", "fulfilled", "booked", "cancelled"]);
  expect(rows.map(({ starts_at: at }) => at.toISOString())).toEqual([
    "2026-11-19T09:00:00.000Z",
    "2026-11-20T08:00:00.000Z",
    "2026-11-24T08:00:00.000Z",
    "2026-11-24T08:00:00.000Z",
  ]);
});

test("imported visits are in the agenda, marked in their history, and told to other services as imported", async () => {
  await send(four());
  const list = await app.call(listAppointments, { actor: world.staff, query: { from: "2026-11-24T00:00:00Z" } });
  expect(list.json.items).toHaveLength(2);
  const [{ id }] = list.json.items;
  const history = await app.call(visitHistory, { actor: world.staff, params: { id } });
  expect(history.json.items[0]).toMatchObject({ kind: "booked", channel: "clinic", imported: true });
  const booked = await told("appointment.booked");
  expect(booked).toHaveLength(4);
  expect(booked.every((data) => data.imported === true)).toBe(true);
  expect(await told("appointment.cancelled")).toMatchObject([{ imported: true, by: "clinic" }]);
  expect(await told("appointment.status-changed")).toMatchObject([{ to: "fulfilled" }, { to: "noshow", excused: false }]);
  const audits = (await told("audit").catch(() => [])) as unknown[];
  expect(audits).toBeArray();
  const [record] = await world.database.owner`select payload from outbox where type = 'audit' and payload like '%import-visits%'`;
  expect(JSON.parse(String(record?.payload))).toMatchObject({ outcome: "ok", entity: { type: "import", id: "stored" } });
  expect(new Set(JSON.parse(String(record?.payload)).patientIds)).toEqual(new Set([zoe, leo]));
});

test("a repeat changes nothing, also after a visit was moved", async () => {
  await send(four());
  const [visit] = (await stored()).filter(({ status }) => status === "booked");
  const again = await send(four());
  expect(again.json).toMatchObject({ imported: true, rows: Array.from({ length: 4 }, () => ({ change: "known" })) });
  const moved = await app.call(moveVisit, {
    actor: world.staff,
    params: { id: String(visit?.id) },
    body: { start: "2026-11-24T09:00:00Z" },
    headers: freshKey(),
  });
  expect(moved.status).toBe(200);
  expect((await send(four())).json.rows.map(({ change }: { change: string }) => change)).toEqual(["known", "known", "known", "known"]);
  expect(await stored()).toHaveLength(4);
});

test("two imports of one file at the same moment write each visit once", async () => {
  const answers = await Promise.all([send(four()), send(four()), send(four())]);
  expect(answers.map(({ json }) => json.imported)).toEqual([true, true, true]);
  expect(await stored()).toHaveLength(4);
});

test("one faulty row and nothing is imported; overlaps are told with the other row or the visit that is there", async () => {
  const body = { doctorId: world.doctorId, reasonId: world.reasons.r20, start: "2026-11-24T08:20:00.000Z" };
  const there = (await app.call(book, { actor: world.patient, body, headers: freshKey() })).json;
  const text = file(
    "Morel;7;Suivi;2026-11-24 09:00;;",
    "Morel;8;Suivi;2026-11-24 09:19;;",
    "Morel;8;Suivi;2026-11-24 09:30;;",
    "Morel;99;Suivi;2026-03-29 02:30;;",
    "Morel;8;Suivi;2026-11-24 09:40;;",
  );
  for (const dryRun of [true, false]) {
    const { json } = await send(text, dryRun);
    expect(json.imported).toBe(false);
    expect(json.faults.map(({ message: _, ...one }: { message: string }) => one)).toEqual([
      { row: 3, column: "start", code: "overlaps", otherRow: 2 },
      { row: 4, column: "start", code: "overlaps", otherId: there.id },
      { row: 5, column: "start", code: "skipped-time" },
      { row: 5, column: "patient", code: "unknown-patient" },
    ]);
    expect(await stored()).toHaveLength(1);
  }
});

test("an imported visit has its time: nobody else can book it, buffers included, and what it needs is taken with it", async () => {
  const { owner } = world.database;
  await owner`update reasons set resource_types = '{echo}', buffer_after_minutes = 20 where reason_id = ${world.reasons.r20}`;
  await owner`insert into resources values (${`res_${"1".repeat(32)}`}, ${world.clinicId}, 'Écho', 'echo', true)`;
  await owner`insert into resource_plans values (${world.clinicId})`;
  await owner`update doctors set version = version + 1`;
  expect((await send(file("Morel;7;Suivi;2026-11-24 09:00;;"))).json.imported).toBe(true);
  const bookAt = (doctorId: string, reasonId: string, start: string) =>
    app.call(book, { actor: world.staff, body: { doctorId, reasonId, start, patientId: leo }, headers: freshKey() });
  expect((await bookAt(world.doctorId, world.reasons.byPhone, "2026-11-24T08:20:00Z")).json.code).toBe("slot-taken");
  await owner`update reasons set resource_types = '{echo}' where reason_id = ${world.reasons.others}`;
  expect((await bookAt(world.otherDoctorId, world.reasons.others, "2026-11-24T08:00:00Z")).json.code).toBe("slot-taken");
  const second = await send(file(`${world.otherDoctorId};8;${world.reasons.others};2026-11-24 09:00;;`));
  expect(second.json.faults).toMatchObject([{ row: 2, code: "no-resource" }]);
  expect(await stored()).toHaveLength(1);
});

test("a time that somebody is confirming is told as held", async () => {
  const { owner } = world.database;
  await owner`insert into busy (doctor_id, during, state, holder, expires_at) values
    (${world.doctorId}, '[2026-11-24T08:00Z,2026-11-24T08:20Z)', 'hold', 'hld_1', '2026-11-24T00:00Z'),
    (${world.doctorId}, '[2026-11-24T09:00Z,2026-11-24T09:20Z)', 'hold', 'hld_2', '2026-11-23T06:00Z')`;
  const { json } = await send(file("Morel;7;Suivi;2026-11-24 09:00;;", "Morel;7;Suivi;2026-11-24 10:00;;"), true);
  expect(json.faults).toMatchObject([{ row: 2, code: "held" }]);
});

test("an export is imported again: known here; after the visits were lost the same visits, and the same export", async () => {
  await send(four());
  await send(file("Morel;8;Suivi;2026-10-25T02:30+02:00;;", "Morel;8;Suivi;2026-10-25T02:30+01:00;;"));
  const text = await download();
  const lines = text.trim().split("\r\n");
  expect(lines[0]).toBe("doctor;doctorName;patient;reason;reasonName;start;minutes;status");
  expect(lines[1]).toBe(`${world.doctorId};Claire Morel;8;${world.reasons.r20};Suivi;2026-10-25T02:30+02:00;20;booked`);
  expect(lines).toHaveLength(7);
  expect(new Set((await send(text)).json.rows.map(({ change }: { change: string }) => change))).toEqual(new Set(["known"]));
  await world.database.owner`truncate visit_history, appointments, busy cascade`;
  expect((await send(text)).json).toMatchObject({ imported: true, ignored: [] });
  expect((await download()).split("\r\n").sort()).toEqual(text.split("\r\n").sort());
  expect((await download({ from: "2026-11-20", to: "2026-11-20" })).trim().split("\r\n")).toHaveLength(2);
  const [record] = await world.database
    .owner`select payload from outbox where type = 'audit' and payload like '%export-visits%' order by seq desc`;
  expect(JSON.parse(String(record?.payload))).toMatchObject({ code: "appointment.export-visits", patientIds: [leo] });
});

test("5,000 visits are imported in one go, found again by a repeat, and exported page by page", async () => {
  const rows = Array.from({ length: 5_000 }, (_, index) => {
    const start = new Date(Date.UTC(2024, 0, 1, 8) + Math.floor(index / 20) * 86_400_000 + (index % 20) * 1_800_000);
    return `${world.doctorId};7;${world.reasons.r20};${start.toISOString().slice(0, 16)}Z;20;fulfilled`;
  });
  const answer = await send(file(...rows));
  expect(answer.json.faults).toEqual([]);
  expect(answer.json.imported).toBe(true);
  const again = await send(file(...rows));
  expect(again.json.rows.filter(({ change }: { change: string }) => change === "known")).toHaveLength(5_000);
  const twice = await send(file(...rows.map((row) => row.replace(";7;", ";8;"))), true);
  expect(twice.json.faults).toHaveLength(5_000);
  expect((await download()).trim().split("\r\n")).toHaveLength(5_001);
  expect((await send(file(...rows, rows[0] ?? ""))).json.faults).toMatchObject([{ code: "too-many-rows" }]);
}, 60_000);

test("what is no table of visits is told so, and without the directory nothing is imported or exported", async () => {
  const codes = async (text: string) => (await send(text)).json.faults.map(({ code }: { code: string }) => code);
  expect(await codes("")).toEqual(["empty-file"]);
  expect(await codes(header)).toEqual(["no-rows"]);
  expect(await codes("patient;motif\n7;x")).toEqual(["missing-column"]);
  expect(await codes("PK\u0003\u0004")).toEqual(["not-text"]);
  areUp = false;
  expect((await send(four())).json.code).toBe("upstream-unreachable");
  expect((await app.call(exportVisits, { actor: world.staff, query: { clinicId: world.clinicId } })).json.code).toBe(
    "upstream-unreachable",
  );
});

const sendHours = (text: string, dryRun = false) =>
  app.call(importHours, { actor: world.staff, body: { clinicId: world.clinicId, text, dryRun } });
const hoursOf = async (doctorId: string) => (await app.call(getSchedule, { actor: world.staff, params: { doctorId } })).json;
const hoursFile = (...rows: string[]) => `médecin;jour;de;à;toutes les n semaines;valable du;motifs\n${rows.join("\n")}`;

test("hours are replaced for the doctors a file names, as its dry run told, and visits that would lie outside are counted", async () => {
  await send(file("Morel;7;Suivi;2026-11-24 09:00;;", "Morel;7;Suivi;2026-11-27 09:00;;"));
  const text = hoursFile("Morel;lundi;09:00;12:00;;;", "Morel;mardi;8h;12h30;2;2026-11-24;Suivi");
  const before = await hoursOf(world.doctorId);
  const dry = await sendHours(text, true);
  expect(dry.json).toMatchObject({
    imported: false,
    faults: [],
    rows: [
      { row: 2, change: "known" },
      { row: 3, change: "new" },
    ],
    doctors: [{ doctorId: world.doctorId, name: "Claire Morel", windowsNow: 5, windowsThen: 2, visitsOutside: 1 }],
  });
  expect(await hoursOf(world.doctorId)).toEqual(before);
  expect((await sendHours(text)).json).toEqual({ ...dry.json, imported: true });
  expect((await hoursOf(world.doctorId)).windows).toEqual([
    { day: 1, from: "09:00", to: "12:00" },
    {
      day: 2,
      from: "08:00",
      to: "12:30",
      everyWeeks: 2,
      anchor: "2026-11-24",
      validFrom: "2026-11-24",
      reasonIds: [world.reasons.r20],
    },
  ]);
  expect(await hoursOf(world.otherDoctorId)).toEqual(weekdays);
});

test("one faulty row of hours and nobody's hours change", async () => {
  await app.call(putSchedule, { actor: world.staff, params: { doctorId: world.doctorId }, body: weekdays });
  const text = hoursFile(`${world.otherDoctorId};1;08:00;10:00;;;`, "Morel;1;09:00;12:00;;;", "Morel;1;11:00;13:00;;;");
  const { json } = await sendHours(text);
  expect(json).toMatchObject({ imported: false, faults: [{ row: 4, code: "overlaps" }] });
  expect(await hoursOf(world.otherDoctorId)).toEqual(weekdays);
});

test("exported hours are imported again unchanged", async () => {
  const windows = [
    { day: 1, from: "08:30", to: "12:00", everyWeeks: 2, anchor: "2026-11-23", reasonIds: [world.reasons.r20] },
    { day: 5, from: "14:00", to: "24:00", validTo: "2026-12-31" },
  ];
  await app.call(putSchedule, { actor: world.staff, params: { doctorId: world.doctorId }, body: { ...weekdays, windows } });
  const before = await hoursOf(world.doctorId);
  const { text } = await app.call(exportHours, { actor: world.staff, query: { clinicId: world.clinicId } });
  expect(text.trim().split("\r\n")).toHaveLength(8);
  const again = await sendHours(text);
  expect(again.json.imported).toBe(true);
  expect(new Set(again.json.rows.map(({ change }: { change: string }) => change))).toEqual(new Set(["known"]));
  expect(await hoursOf(world.doctorId)).toEqual(before);
});

test("a patient sees an imported visit as the own", async () => {
  const patient = patientActor();
  numbers.set("9", String(patient.patientId));
  await send(file("Morel;9;Suivi;2026-11-24 09:00;;"));
  const [row] = await stored();
  const seen = await app.call(getAppointment, { actor: patient, params: { id: String(row?.id) } });
  expect(seen.json).toMatchObject({ status: "booked", start: "2026-11-24T08:00:00.000Z" });
});
