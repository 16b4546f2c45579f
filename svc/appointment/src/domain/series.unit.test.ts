import { describe, expect, test } from "bun:test";
import { mostOccurrences, type Rhythm } from "@episante/contracts/series";
import fc from "fast-check";
import { addDays, daysBetween, weekdayOf } from "./calendar.ts";
import { daysOf, fateOf, instantOfWall, shiftedWith, wallOf, wallTimeOf } from "./series.ts";

const zones = ["Europe/Paris", "America/Montreal"];
const shown = (zone: string, instantMs: number) =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(instantMs);
const two = (value: number) => String(value).padStart(2, "0");
const textOf = (day: string, minutes: number) => `${day} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;

const anyDay = fc.integer({ min: 0, max: 2_500 }).map((days) => addDays("2024-01-01", days));
const anyRhythm: fc.Arbitrary<Rhythm> = fc.oneof(
  fc.record({ unit: fc.constant("day" as const), every: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ unit: fc.constant("week" as const), every: fc.integer({ min: 1, max: 8 }) }),
  fc.record({
    unit: fc.constant("month" as const),
    every: fc.integer({ min: 1, max: 12 }),
    by: fc.constantFrom("date" as const, "weekday" as const),
  }),
);

describe("the days of a series", () => {
  test("repeat by days and by weeks", () => {
    expect(daysOf("2026-11-24", { unit: "day", every: 2 }, { count: 3 })).toEqual(["2026-11-24", "2026-11-26", "2026-11-28"]);
    expect(daysOf("2026-11-24", { unit: "week", every: 2 }, { until: "2026-12-22" })).toEqual(["2026-11-24", "2026-12-08", "2026-12-22"]);
  });

  test("by date: a month without the date has its last day, and the next one the date again", () => {
    const days = daysOf("2027-01-31", { unit: "month", every: 1, by: "date" }, { count: 4 });
    expect(days).toEqual(["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]);
  });

  test("by weekday: the third Tuesday stays the third; a fifth one is the last of its month", () => {
    expect(daysOf("2026-11-17", { unit: "month", every: 1, by: "weekday" }, { count: 3 })).toEqual([
      "2026-11-17",
      "2026-12-15",
      "2027-01-19",
    ]);
    expect(daysOf("2026-11-30", { unit: "month", every: 1, by: "weekday" }, { count: 3 })).toEqual([
      "2026-11-30",
      "2026-12-28",
      "2027-01-25",
    ]);
  });

  test("more than a series may have is refused, exactly as many is not; an end before the beginning has none", () => {
    const last = addDays("2026-11-24", mostOccurrences - 1);
    expect(daysOf("2026-11-24", { unit: "day", every: 1 }, { until: last })).toHaveLength(mostOccurrences);
    expect(daysOf("2026-11-24", { unit: "day", every: 1 }, { until: addDays(last, 1) })).toBeNull();
    expect(daysOf("2026-11-24", { unit: "day", every: 1 }, { until: "2026-11-23" })).toEqual([]);
  });

  test("rise, begin with the first, keep their weekday or date, and leave no month out", () => {
    fc.assert(
      fc.property(anyDay, anyRhythm, fc.integer({ min: 2, max: mostOccurrences }), (first, rhythm, count) => {
        const days = daysOf(first, rhythm, { count }) ?? [];
        expect(days).toHaveLength(count);
        expect(days[0]).toBe(first);
        for (const [index, day] of days.entries()) {
          const before = days[index - 1];
          if (before !== undefined) {
            expect(day > before).toBe(true);
            if (rhythm.unit !== "month") expect(daysBetween(before, day)).toBe(rhythm.every * (rhythm.unit === "week" ? 7 : 1));
          }
          if (rhythm.unit !== "month") continue;
          const months = (text: string) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7));
          expect(months(day) - months(first)).toBe(index * rhythm.every);
          if (rhythm.by === "weekday") expect(weekdayOf(day)).toBe(weekdayOf(first));
          else expect(day.slice(8) === first.slice(8) || addDays(day, 1).endsWith("-01")).toBe(true);
        }
      }),
    );
  });
});

describe("the time of day", () => {
  test("stays what the wall clock shows over the clock changes of Paris and Montreal; only a time that is skipped is none", () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), anyDay, fc.integer({ min: 0, max: 1_439 }), anyRhythm, (zone, first, minutes, rhythm) => {
        for (const day of daysOf(first, rhythm, { count: 20 }) ?? []) {
          const instant = instantOfWall(zone, { day, minutes });
          if (instant === undefined) {
            // No instant of the day shows it: the clock jumps over the hour it lies in.
            const noon = Date.parse(`${day}T12:00:00Z`);
            const all = Array.from({ length: 3 * 24 * 4 }, (_, quarter) => shown(zone, noon + (quarter - 144) * 900_000));
            expect(all).not.toContain(textOf(day, minutes - (minutes % 15)));
            continue;
          }
          expect(shown(zone, instant)).toBe(textOf(day, minutes));
          expect(wallOf(zone, instant)).toEqual({ day, minutes });
          // Of a time shown twice, the first.
          expect(shown(zone, instant - 3_600_000)).not.toBe(textOf(day, minutes));
        }
      }),
      { numRuns: 60 },
    );
  });

  test("shown twice in autumn: the first; skipped in spring: none, in both zones", () => {
    expect(instantOfWall("Europe/Paris", wallTimeOf("2027-10-31T02:30"))).toBe(Date.parse("2027-10-31T00:30:00Z"));
    expect(instantOfWall("America/Montreal", wallTimeOf("2027-11-07T01:30"))).toBe(Date.parse("2027-11-07T05:30:00Z"));
    expect(instantOfWall("Europe/Paris", wallTimeOf("2027-03-28T02:30"))).toBeUndefined();
    expect(instantOfWall("America/Montreal", wallTimeOf("2027-03-14T02:30"))).toBeUndefined();
  });
});

describe("a change of a series", () => {
  test("moves every visit by as many days, to the same time of day, whatever the clock does in between", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        anyDay,
        fc.integer({ min: 0, max: 52 }),
        fc.integer({ min: -20, max: 20 }),
        fc.integer({ min: 240, max: 1_439 }),
        (zone, day, weeks, shift, minutes) => {
          const at = (of: string) => instantOfWall(zone, { day: of, minutes: 600 }) ?? 0;
          const to = { day: addDays(day, shift), minutes };
          const moved = shiftedWith(zone, at(addDays(day, 7 * weeks)), { startMs: at(day), to });
          expect(moved).toEqual({ day: addDays(day, 7 * weeks + shift), minutes });
          expect(shiftedWith(zone, at(day), { startMs: at(day), to })).toEqual(to);
        },
      ),
    );
  });

  test("leaves alone what is over, has begun, is cancelled, or was moved by itself unless it is the one meant", () => {
    const nowMs = 1_000;
    const fate = (visit: Partial<Parameters<typeof fateOf>[0]>, isNamed = false) =>
      fateOf({ status: "booked", startMs: 2_000, isMovedAlone: false, ...visit }, { nowMs, isNamed });
    expect(fate({})).toBe("change");
    expect(fate({ startMs: nowMs })).toBe("past");
    for (const status of ["arrived", "checked-in", "fulfilled", "noshow", "entered-in-error"]) expect(fate({ status }, true)).toBe("begun");
    expect(fate({ status: "cancelled" })).toBe("cancelled");
    expect(fate({ isMovedAlone: true })).toBe("moved-alone");
    expect(fate({ isMovedAlone: true }, true)).toBe("change");
  });
});
