import { expect, test } from "bun:test";
import type { Schedule } from "@episante/contracts/appointment";
import type { ClinicDirectory } from "./directory.ts";
import { judgeWindows, readHours, writeWindow } from "./hours-import.ts";

const reason = {
  reasonId: "rea_1",
  names: ["Suivi"],
  minutes: 20,
  bufferBeforeMinutes: 0,
  bufferAfterMinutes: 0,
  cancelHours: 0,
  resourceTypes: [],
  isRetired: false,
};
const doctor = {
  doctorId: "doc_1",
  givenName: "Zoé",
  familyName: "Durand",
  isActive: true,
  reasons: [reason, { ...reason, reasonId: "rea_2", names: ["Bilan"] }],
};
const directory: ClinicDirectory = {
  zone: "Europe/Paris",
  doctors: [doctor, { ...doctor, doctorId: "doc_2", givenName: "Léa", isActive: false }],
};
const empty = {
  doctor: "doc_1",
  doctorName: "",
  weekday: "1",
  from: "09:00",
  to: "12:00",
  everyWeeks: "",
  anchor: "",
  validFrom: "",
  validTo: "",
  reasons: "",
};
type Cells = Partial<typeof empty>;
const read = (...rows: Cells[]) =>
  readHours(
    rows.map((cells, index) => ({ row: index + 2, cells: { ...empty, ...cells } })),
    directory,
  );
const faultsOf = (cells: Cells) => read(cells).faults.map(({ column, code }) => [column, code]);
const schedule: Schedule = { zone: "Europe/Paris", windows: [], closures: [], noticeMinutes: 0, horizonDays: 60 };
const judge = (...rows: Cells[]) =>
  judgeWindows(schedule, read(...rows).byDoctor.get("doc_1") ?? []).map(({ row, column, code }) => [row, column, code]);

test("weekdays in both languages, times as people write them, rhythm, validity and reasons are read", () => {
  const { byDoctor, faults } = read(
    { weekday: "Mardi", from: "9h", to: "12h30" },
    {
      weekday: "sun",
      from: "9:00:00",
      to: "24:00",
      everyWeeks: "2",
      validFrom: "01/12/2026",
      validTo: "2026-12-31",
      reasons: "suivi | rea_2",
    },
  );
  expect(faults).toEqual([]);
  expect(byDoctor.get("doc_1")).toEqual([
    { row: 2, window: { day: 2, from: "09:00", to: "12:30" } },
    {
      row: 3,
      window: {
        day: 7,
        from: "09:00",
        to: "24:00",
        everyWeeks: 2,
        anchor: "2026-12-01",
        validFrom: "2026-12-01",
        validTo: "2026-12-31",
        reasonIds: ["rea_1" as never, "rea_2" as never],
      },
    },
  ]);
});

test("every faulty cell of a row is named with its column and why", () => {
  expect(faultsOf({ doctor: "doc_2", weekday: "8", from: "25:00", to: "", everyWeeks: "9", anchor: "x", validTo: "1999-01-01" })).toEqual([
    ["doctor", "doctor-left"],
    ["weekday", "bad-choice"],
    ["from", "bad-time"],
    ["to", "required"],
    ["everyWeeks", "bad-number"],
    ["anchor", "bad-day"],
    ["validTo", "bad-day"],
  ]);
  expect(faultsOf({ reasons: "Suivi|Autre" })).toEqual([["reasons", "unknown-reason"]]);
  expect(read(...Array.from({ length: 61 }, () => ({}))).faults).toMatchObject([{ row: 62, code: "too-many-windows" }]);
});

test("windows of one doctor that overlap, end before they begin or lack their week are told by row", () => {
  expect(judge({}, { from: "11:00", to: "13:00" })).toEqual([[3, undefined, "overlaps"]]);
  expect(judge({ to: "08:00" })).toEqual([[2, undefined, "ends-before-it-begins"]]);
  expect(judge({ everyWeeks: "2" })).toEqual([[2, "anchor", "needs-anchor"]]);
  expect(judge({ validFrom: "2026-12-02", validTo: "2026-12-01" })).toEqual([[2, "validTo", "ends-before-it-begins"]]);
  expect(judge({}, { weekday: "2" }, { from: "12:00", to: "13:00" })).toEqual([]);
});

test("a window that is written is read as the same window", () => {
  const windows: Schedule["windows"] = [
    { day: 3, from: "08:30", to: "24:00" },
    {
      day: 5,
      from: "08:30",
      to: "12:00",
      everyWeeks: 3,
      anchor: "2026-11-27",
      validFrom: "2026-11-01",
      validTo: "2027-01-01",
      reasonIds: ["rea_1" as never],
    },
  ];
  const columns = Object.keys(empty);
  const rows = windows.map(
    (window) => Object.fromEntries(writeWindow(doctor, window).map((cell, index) => [columns[index], cell])) as typeof empty,
  );
  expect(
    read(...rows)
      .byDoctor.get("doc_1")
      ?.map(({ window }) => window),
  ).toEqual(windows);
});
