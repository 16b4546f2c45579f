import { expect, test } from "bun:test";
import type { Appointment } from "@episante/contracts/appointment";
import { addMonths, dayStartMs, hoursShown, instantAt, isoWeek, layDay, minutesInto, monthDays } from "./day-layout.ts";

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

test("a wall-clock time becomes the clinic's instant, on both clock changes too", () => {
  for (const [day, minutes, at] of [
    ["2026-01-15", 560, "2026-01-15T08:20:00.000Z"],
    ["2026-03-29", 600, "2026-03-29T08:00:00.000Z"],
    ["2026-10-25", 600, "2026-10-25T09:00:00.000Z"],
    ["2026-03-29", 0, "2026-03-28T23:00:00.000Z"],
  ] as const)
    expect(instantAt(day, minutes, zone)).toBe(at);
});
test("a month is shown in whole weeks, and stepping by months stays within them", () => {
  const days = monthDays("2026-02-10");
  expect([days[0], days.at(-1), days.length]).toEqual(["2026-01-26", "2026-03-01", 35]);
  expect(addMonths("2026-01-31", 1)).toBe("2026-02-28");
  expect(addMonths("2026-01-15", -1)).toBe("2025-12-15");
});
