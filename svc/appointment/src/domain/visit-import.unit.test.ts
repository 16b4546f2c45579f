import { expect, test } from "bun:test";
import { readTable } from "@episante/service/csv";
import fc from "fast-check";
import type { ClinicDirectory } from "./directory.ts";
import { findDoctorIn, findReasonIn } from "./directory.ts";
import { hoursTable } from "./hours-import.ts";
import { readStart, readVisits, visitTable, writeStart } from "./visit-import.ts";

const reason = {
  reasonId: "rea_1",
  names: ["Suivi", "Follow-up"],
  minutes: 20,
  bufferBeforeMinutes: 5,
  bufferAfterMinutes: 10,
  cancelHours: 4,
  resourceTypes: ["echo"],
  isRetired: false,
};
const doctor = { doctorId: "doc_1", givenName: "Zoé", familyName: "Durand", isActive: true, reasons: [reason] };
const zone = "Europe/Paris";
const directory: ClinicDirectory = {
  zone,
  doctors: [
    doctor,
    { ...doctor, doctorId: "doc_2", givenName: "Jean", reasons: [{ ...reason, reasonId: "rea_2", isRetired: true }] },
    { ...doctor, doctorId: "doc_3", givenName: "Léa", familyName: "Parti", isActive: false },
  ],
};
const nowMs = Date.parse("2026-11-23T07:00:00Z");
const empty = {
  doctor: "doc_1",
  doctorName: "",
  patient: "7",
  reason: "rea_1",
  reasonName: "",
  start: "2026-11-24 09:00",
  minutes: "",
  status: "",
};
const patients = new Map([["7", "pat_7"]]);
const read = (cells: Partial<typeof empty>) => readVisits([{ row: 2, cells: { ...empty, ...cells } }], directory, patients, nowMs);
const faultsOf = (cells: Partial<typeof empty>) => read(cells).faults.map(({ column, code }) => [column, code]);
const at = (text: string) => Date.parse(text);

test("the column names that the screens and the manual show are read, in both languages", () => {
  const read = [
    readTable("médecin;patient;motif;début;durée;statut\n1;2;3;4;5;6", visitTable, 1),
    readTable("doctor;patient;reason;start;minutes;status\n1;2;3;4;5;6", visitTable, 1),
    readTable(
      "médecin;jour;de;à;toutes les n semaines;semaine de référence;valable du;valable au;motifs\n1;2;3;4;5;6;7;8;9",
      hoursTable,
      1,
    ),
    readTable("doctor;weekday;from;to;every weeks;anchor;valid from;valid to;reasons\n1;2;3;4;5;6;7;8;9", hoursTable, 1),
  ];
  for (const { rows, faults, ignored } of read) {
    expect([faults, ignored]).toEqual([[], []]);
    const filled = Object.values(rows[0]?.cells ?? {}).filter((cell) => cell !== "");
    expect(filled).toEqual(filled.map((_, index) => String(index + 1)));
  }
});

test("a visit to come takes its buffers and rooms; one that is over, or called off, takes its own time only", () => {
  expect(read({}).visits).toEqual([
    {
      row: 2,
      doctorId: "doc_1",
      patientId: "pat_7",
      reasonId: "rea_1",
      status: "booked",
      busyState: "booked",
      startMs: at("2026-11-24T08:00:00Z"),
      endMs: at("2026-11-24T08:20:00Z"),
      busyFromMs: at("2026-11-24T07:55:00Z"),
      busyToMs: at("2026-11-24T08:30:00Z"),
      cancelUntilMs: at("2026-11-24T04:00:00Z"),
      resourceTypes: ["echo"],
    },
  ]);
  expect(read({ start: "20/11/2026 9:00", minutes: "45", status: "Honoré" }).visits[0]).toMatchObject({
    status: "fulfilled",
    busyState: "arrived",
    busyFromMs: at("2026-11-20T08:00:00Z"),
    busyToMs: at("2026-11-20T08:45:00Z"),
    resourceTypes: [],
  });
  expect(read({ status: "annulé" }).visits[0]).toMatchObject({ status: "cancelled", busyState: "released", resourceTypes: [] });
});

test("doctors and reasons are found by id or by a name that only one has, in both languages", () => {
  const found = (cell: string) => {
    const one = findDoctorIn(directory, cell);
    return typeof one === "string" ? one : one.doctorId;
  };
  for (const cell of ["doc_1", "Zoé Durand", "DURAND Zoe", "Dr. Zoé Durand"]) expect(found(cell)).toBe("doc_1");
  expect(found("Dr Durand")).toBe("several-doctors");
  expect([found("Personne"), found("Dr"), found("doc_9")]).toEqual(["unknown-doctor", "unknown-doctor", "unknown-doctor"]);
  expect(findReasonIn(doctor, "follow up")).toBe(reason);
  const twin = { ...reason, reasonId: "rea_8" };
  expect(findReasonIn({ ...doctor, reasons: [reason, twin] }, "Suivi")).toBe("several-reasons");
  expect(findReasonIn({ ...doctor, reasons: [reason, { ...twin, isRetired: true }] }, "Suivi")).toBe(reason);
  expect(
    read({ doctor: "doc_of_another_installation", doctorName: "Zoé Durand", reason: "rea_x", reasonName: "Suivi" }).visits,
  ).toHaveLength(1);
});

test("every faulty cell of a row is named with its column and why", () => {
  expect(faultsOf({ doctor: "", patient: "", start: "", minutes: "0", status: "perhaps" })).toEqual([
    ["start", "required"],
    ["status", "bad-choice"],
    ["patient", "required"],
    ["doctor", "required"],
    ["minutes", "bad-number"],
  ]);
  expect(faultsOf({ patient: "8", reason: "rea_2" })).toEqual([
    ["patient", "unknown-patient"],
    ["reason", "unknown-reason"],
  ]);
  expect(faultsOf({ status: "noshow" })).toEqual([["status", "not-begun"]]);
  expect(faultsOf({ start: "2029-11-24 09:00" })).toEqual([["start", "too-far"]]);
  expect(faultsOf({ minutes: "1441" })).toEqual([["minutes", "bad-number"]]);
});

test("nobody is booked with a doctor who left or for a reason that is retired, but may have been", () => {
  expect(faultsOf({ doctor: "doc_3" })).toEqual([["doctor", "doctor-left"]]);
  expect(faultsOf({ doctor: "doc_2", reason: "rea_2" })).toEqual([["reason", "reason-retired"]]);
  expect(faultsOf({ doctor: "doc_3", start: "2026-11-20 09:00" })).toEqual([]);
  expect(faultsOf({ doctor: "doc_2", reason: "rea_2", status: "cancelled" })).toEqual([]);
});

test("a start is wall-clock time of the clinic; what the clock skips or shows twice is told, and an offset decides", () => {
  expect(readStart("2026-07-01T09:30", zone)).toBe(at("2026-07-01T07:30:00Z"));
  expect(readStart("1/7/2026 9h30", zone)).toBe(at("2026-07-01T07:30:00Z"));
  expect(readStart("2026-07-01 09:30:00", zone)).toBe(at("2026-07-01T07:30:00Z"));
  expect(readStart("2026-03-29 02:30", zone)).toBe("skipped-time");
  expect(readStart("2026-10-25 02:30", zone)).toBe("ambiguous-time");
  expect(readStart("2026-10-25T02:30+02:00", zone)).toBe(at("2026-10-25T00:30:00Z"));
  expect(readStart("2026-10-25T02:30+01:00", zone)).toBe(at("2026-10-25T01:30:00Z"));
  for (const text of [
    "2026-02-30 09:00",
    "1999-12-31 09:00",
    "2026-07-01",
    "2026-07-01 24:00",
    "09:00",
    "demain 9h",
    `2026-07-01${"T".repeat(100_000)}`,
  ])
    expect(readStart(text, zone)).toBe("bad-start");
  expect(writeStart(at("2026-10-25T01:30:00Z"), zone)).toBe("2026-10-25T02:30+01:00");
});

test("what is written is read as the same instant, in every zone and on every minute", () => {
  const minutes = fc.integer({ min: at("2000-01-02T00:00:00Z") / 60_000, max: at("2199-12-30T00:00:00Z") / 60_000 });
  const zones = fc.constantFrom("Europe/Paris", "America/New_York", "Indian/Reunion", "Australia/Lord_Howe", "Asia/Kathmandu");
  fc.assert(
    fc.property(minutes, zones, (minute, where) => expect(readStart(writeStart(minute * 60_000, where), where)).toBe(minute * 60_000)),
  );
  for (const quarter of Array.from({ length: 16 }, (_, count) => at("2026-10-24T23:00:00Z") + count * 900_000))
    expect(readStart(writeStart(quarter, zone), zone)).toBe(quarter);
});
