import { expect, test } from "bun:test";
import type { Schedule } from "@episante/contracts/appointment";
import { faultsOf } from "./hours.ts";

const base: Schedule = { zone: "Europe/Paris", windows: [], closures: [], noticeMinutes: 0, horizonDays: 30 };
const window = (from: string, to: string, more: Partial<Schedule["windows"][number]> = {}) => ({ day: 1, from, to, ...more });
const paths = (more: Partial<Schedule>) => faultsOf({ ...base, ...more }).map(({ path }) => path);

test("overlapping, empty and reversed windows are faulty; touching ones and those of other days are not", () => {
  const morning = window("09:00", "12:00");
  expect(paths({ windows: [morning, window("12:00", "13:00"), window("09:00", "12:00", { day: 2 })] })).toEqual([]);
  expect(paths({ windows: [morning, window("11:59", "13:00"), window("14:00", "14:00"), window("16:00", "15:00")] })).toEqual([
    "windows.1",
    "windows.2",
    "windows.3",
  ]);
});

test("windows may share hours when they never meet on one date", () => {
  const even = window("09:00", "12:00", { everyWeeks: 2, anchor: "2026-11-23" });
  expect(paths({ windows: [even, window("09:00", "17:00", { everyWeeks: 2, anchor: "2026-11-30" })] })).toEqual([]);
  expect(paths({ windows: [even, window("09:00", "17:00", { everyWeeks: 4, anchor: "2026-11-30" })] })).toEqual([]);
  expect(paths({ windows: [even, window("09:00", "17:00", { everyWeeks: 3, anchor: "2026-11-30" })] })).toEqual(["windows.1"]);
  const until = window("09:00", "12:00", { validTo: "2026-12-06" });
  expect(paths({ windows: [until, window("09:00", "12:00", { validFrom: "2026-12-07" })] })).toEqual([]);
  expect(paths({ windows: [{ ...until, validTo: "2026-12-07" }, window("09:00", "12:00", { validFrom: "2026-12-07" })] })).toEqual([
    "windows.1",
  ]);
});

test("a rhythm needs a week to count from, a validity an end after its beginning", () => {
  expect(paths({ windows: [window("09:00", "12:00", { everyWeeks: 2 })] })).toEqual(["windows.0.anchor"]);
  expect(paths({ windows: [window("09:00", "12:00", { everyWeeks: 1 })] })).toEqual([]);
  expect(paths({ windows: [window("09:00", "12:00", { validFrom: "2026-12-02", validTo: "2026-12-01" })] })).toEqual(["windows.0.validTo"]);
});

test("a date is overridden once, not also closed, and its windows do not overlap", () => {
  const day = "2026-12-01";
  const hours = { from: "09:00", to: "12:00" };
  const overrides = [
    { day, windows: [hours, { from: "11:00", to: "13:00" }, { from: "15:00", to: "14:00" }] },
    { day, windows: [] },
  ];
  expect(paths({ overrides, closures: [day] })).toEqual([
    "overrides.0.day",
    "overrides.0.windows.1",
    "overrides.0.windows.2",
    "overrides.1.day",
    "overrides.1.day",
  ]);
  expect(paths({ overrides: [{ day, windows: [hours] }] })).toEqual([]);
});
