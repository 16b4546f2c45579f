import { expect, test } from "bun:test";
import fc from "fast-check";
import { instantOfWall, wallAt } from "./wall-clock.ts";

const zones = ["Europe/Paris", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"];
const instants = fc.integer({ min: Date.parse("2020-01-01"), max: Date.parse("2035-01-01") });

test("a wall-clock time is found at the first instant that shows it", () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, (zone, ms) => {
      const instant = Math.floor(ms / 60_000) * 60_000;
      const found = instantOfWall(zone, wallAt(zone, instant));
      expect(found).toBeLessThanOrEqual(instant);
      expect(wallAt(zone, found)).toBe(wallAt(zone, instant));
    }),
  );
});

test("wall-clock times in order are instants in order, also across clock changes", () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, fc.integer({ min: 0, max: 300 }), (zone, ms, minutes) => {
      const wall = Math.floor(ms / 60_000) * 60_000;
      expect(instantOfWall(zone, wall + minutes * 60_000)).toBeGreaterThanOrEqual(instantOfWall(zone, wall));
    }),
  );
});

test("a time that spring skips is the clock change, one that autumn shows twice is its first", () => {
  const paris = (wall: string) => new Date(instantOfWall("Europe/Paris", Date.parse(`${wall}Z`))).toISOString();
  expect(paris("2026-03-29T02:30:00")).toBe("2026-03-29T01:00:00.000Z");
  expect(paris("2026-10-25T02:30:00")).toBe("2026-10-25T00:30:00.000Z");
  expect(paris("2026-01-15T08:00:00")).toBe("2026-01-15T07:00:00.000Z");
});
