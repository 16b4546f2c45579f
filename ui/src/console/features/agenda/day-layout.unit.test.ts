import { describe, expect, test } from "bun:test";
import type { Appointment } from "@episante/contracts/appointment";
import { closedParts, dayStartMs, hoursShown, isoWeek, layDay, minutesInto, openingsOf } from "./day-layout.ts";

const zone = "Europe/Paris";
const visit = (id: string, start: string, end: string) => ({ id: `apt_${id}`, start, end }) as unknown as Appointment;

test("a day starts at the clinic's midnight, on both clock changes too", () => {
  expect(new Date(dayStartMs("2026-01-15", zone)).toISOString()).toBe("2026-01-14T23:00:00.000Z");
  expect(new Date(dayStartMs("2026-03-30", zone)).toISOString()).toBe("2026-03-29T22:00:00.000Z");
  expect(new Date(dayStartMs("2026-10-25", zone)).toISOString()).toBe("2026-10-24T22:00:00.000Z");
});
test("weeks are numbered as in ISO 8601", () => {
  expect(isoWeek("2026-01-12")).toBe(3);
  expect(isoWeek("2027-01-01")).toBe(53);
  expect(isoWeek("2025-12-29")).toBe(1);
});
test("times are the clinic's wall clock", () => {
  expect(minutesInto("2026-01-15T08:20:00Z", zone)).toBe(560);
  expect(minutesInto("2026-07-15T08:20:00Z", zone)).toBe(620);
});
test("the hours on screen widen to hold every visit", () => {
  expect(hoursShown([])).toEqual({ from: 480, minutes: 600 });
  expect(
    hoursShown([
      [430, 460],
      [1100, 1130],
    ]),
  ).toEqual({ from: 420, minutes: 720 });
});
test("overlapping visits stand side by side, the next ones have the whole width again", () => {
  const placed = layDay(
    [
      visit("a", "2026-01-15T08:00:00Z", "2026-01-15T08:40:00Z"),
      visit("b", "2026-01-15T08:20:00Z", "2026-01-15T08:40:00Z"),
      visit("c", "2026-01-15T08:40:00Z", "2026-01-15T09:00:00Z"),
    ],
    zone,
  );
  expect(placed.map(({ lane, lanes }) => [lane, lanes])).toEqual([
    [0, 2],
    [1, 2],
    [0, 1],
  ]);
});

describe("opening hours", () => {
  const schedule = {
    zone: "Europe/Paris",
    windows: [
      { day: 1, from: "14:00", to: "18:00" },
      { day: 1, from: "09:00", to: "12:30" },
    ],
    closures: ["2026-01-19"],
    noticeMinutes: 0,
    horizonDays: 60,
  };
  test("what lies between and around the windows is closed", () => {
    const open = openingsOf(schedule, "2026-01-12");
    expect(open).toEqual([
      [540, 750],
      [840, 1080],
    ]);
    expect(closedParts(open, { from: 480, minutes: 660 })).toEqual([
      [480, 540],
      [750, 840],
      [1080, 1140],
    ]);
  });
  test("a day without hours and a closure are closed from end to end", () => {
    for (const day of ["2026-01-13", "2026-01-19"]) {
      expect(closedParts(openingsOf(schedule, day), { from: 480, minutes: 600 })).toEqual([[480, 1080]]);
    }
  });
});
