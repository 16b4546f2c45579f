import { describe, expect, test } from "bun:test";
import type { Schedule } from "@episante/contracts/appointment";
import fc from "fast-check";
import { addDays, type Interval, overlaps, weekdayOf } from "./calendar.ts";
import { faultsOf, hoursOf } from "./hours.ts";
import { gridOn, judgeOf, type OfferedReason } from "./rules.ts";
import * as engine from "./slots.ts";

const minuteMs = 60_000;
const zones = ["Europe/Paris", "Australia/Lord_Howe", "America/Montreal", "Asia/Kolkata"];

function scheduleOf(more: Partial<Schedule>): Schedule {
  return { zone: "Europe/Paris", windows: [], closures: [], noticeMinutes: 0, horizonDays: 365, ...more };
}

const reasonOf = (minutes: number): OfferedReason => ({ reasonId: "rea_1", minutes, isOnline: true });
function slotsOfDay(schedule: Schedule, minutes: number, day: string): Interval[] {
  const starts = gridOn({ schedule, reason: reasonOf(minutes), nowMs: 0 }, hoursOf(schedule, [], day));
  return starts.map((startMs) => ({ startMs, endMs: startMs + minutes * minuteMs }));
}
type Query = { schedule: Schedule; minutes: number; nowMs: number; fromDay: string; toDay: string; busy: readonly Interval[] };
const freeSlots = ({ minutes, busy, ...query }: Query) => engine.freeSlots({ ...query, reason: reasonOf(minutes), taken: busy });
const nearestFree = ({ minutes, busy, ...query }: Query, wantedMs: number, count: number) =>
  engine.nearestFree({ ...query, reason: reasonOf(minutes), taken: busy }, wantedMs, count);
const isOffered = (schedule: Schedule, minutes: number, startMs: number, nowMs: number) =>
  judgeOf({ schedule, reason: reasonOf(minutes), nowMs }).first(startMs) === undefined;
const isWithinHours = (schedule: Schedule, minutes: number, startMs: number) =>
  judgeOf({ schedule, reason: reasonOf(minutes), nowMs: startMs - 1, byMember: true }).first(startMs) === undefined;
const faultyWindows = (windows: Schedule["windows"]) => faultsOf(scheduleOf({ windows })).map(({ path }) => Number(path.split(".")[1]));

/** The slow, obvious reference: looks at the wall clock of every single minute around the day and remembers when it first showed what. */
const seen = new Map<string, Map<string, number>>();
function firstShown(zone: string, day: string): Map<string, number> {
  const key = `${zone} ${day}`;
  const known = seen.get(key);
  if (known) return known;
  const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  const shown = new Map<string, number>();
  const noon = Date.parse(`${day}T12:00:00Z`);
  for (let at = noon - 28 * 60 * minuteMs; at <= noon + 30 * 60 * minuteMs; at += minuteMs) {
    const wall = clock.format(at);
    if (!shown.has(wall)) shown.set(wall, at);
  }
  seen.set(key, shown);
  return shown;
}
const two = (value: number) => String(value).padStart(2, "0");
function enumerate(zone: string, day: string, from: number, to: number, minutes: number): number[] {
  const shown = firstShown(zone, day);
  const wall = (minute: number) => (minute >= 1440 ? `${addDays(day, 1)} ${time(minute - 1440)}` : `${day} ${time(minute)}`);
  const time = (minute: number) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  let closing = to;
  while (!shown.has(wall(closing))) closing++;
  const closes = shown.get(wall(closing)) ?? 0;
  const starts: number[] = [];
  for (let minute = from; minute < to; minute += minutes) {
    const start = shown.get(wall(minute));
    if (start !== undefined && start + minutes * minuteMs <= closes) starts.push(start);
  }
  return starts;
}

/** Days of 2024–2030, half of them next to a clock change of some zone (last or first Sundays of spring and autumn). */
const changeDays = Array.from({ length: 7 }, (_, index) => 2024 + index).flatMap((year) =>
  [2, 3, 9, 10].flatMap((month) =>
    Array.from({ length: 31 }, (_, index) => new Date(Date.UTC(year, month, index + 1)).toISOString().slice(0, 10)).filter(
      (day) => weekdayOf(day) === 7,
    ),
  ),
);
const anyDay = fc.oneof(
  fc.constantFrom(...changeDays),
  fc.integer({ min: 0, max: 2556 }).map((count) => addDays("2024-01-01", count)),
);

describe("slots of a day", () => {
  for (const zone of zones) {
    test(`${zone}: equal to reading the wall clock minute by minute, 2024 to 2030`, () => {
      fc.assert(
        fc.property(
          anyDay,
          fc.integer({ min: 0, max: 287 }),
          fc.integer({ min: 1, max: 96 }),
          fc.constantFrom(5, 15, 20, 30, 40, 60, 90),
          (day, fromStep, length, minutes) => {
            const from = fromStep * 5;
            const to = Math.min(1440, from + length * 5);
            const time = (minute: number) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
            const schedule = scheduleOf({ zone, windows: [{ day: weekdayOf(day), from: time(from), to: time(to) }] });
            expect(slotsOfDay(schedule, minutes, day).map((slot) => slot.startMs)).toEqual(enumerate(zone, day, from, to, minutes));
          },
        ),
        { numRuns: 150 },
      );
    });
  }

  test("an hour that the clock skips is not offered", () => {
    const schedule = scheduleOf({ windows: [{ day: 7, from: "01:00", to: "04:00" }] });
    const starts = slotsOfDay(schedule, 30, "2026-03-29").map((slot) => new Date(slot.startMs).toISOString());
    expect(starts).toEqual([
      "2026-03-29T00:00:00.000Z",
      "2026-03-29T00:30:00.000Z",
      "2026-03-29T01:00:00.000Z",
      "2026-03-29T01:30:00.000Z",
    ]);
  });

  test("an hour that the clock shows twice is offered once", () => {
    const schedule = scheduleOf({ windows: [{ day: 7, from: "02:00", to: "03:00" }] });
    const starts = slotsOfDay(schedule, 30, "2026-10-25").map((slot) => new Date(slot.startMs).toISOString());
    expect(starts).toEqual(["2026-10-25T00:00:00.000Z", "2026-10-25T00:30:00.000Z"]);
  });

  test("nine o'clock stays nine o'clock on both sides of a clock change", () => {
    const schedule = scheduleOf({ windows: [1, 5, 7].map((day) => ({ day, from: "09:00", to: "10:00" })) });
    const starts = ["2026-03-27", "2026-03-29", "2026-03-30"].map((day) => new Date(slotsOfDay(schedule, 60, day)[0]?.startMs ?? 0));
    expect(starts.map((start) => start.toISOString())).toEqual([
      "2026-03-27T08:00:00.000Z",
      "2026-03-29T07:00:00.000Z",
      "2026-03-30T07:00:00.000Z",
    ]);
  });

  test("a closure empties its day and no other", () => {
    const windows = [1, 2].map((day) => ({ day, from: "09:00", to: "10:00" }));
    const schedule = scheduleOf({ windows, closures: ["2026-12-01"] });
    expect(slotsOfDay(schedule, 20, "2026-12-01")).toEqual([]);
    expect(slotsOfDay(schedule, 20, "2026-11-30")).toHaveLength(3);
  });
});

describe("free slots", () => {
  const nowMs = Date.parse("2026-11-23T08:00:00Z");
  const schedule = scheduleOf({ windows: [1, 2].map((day) => ({ day, from: "09:00", to: "12:00" })), noticeMinutes: 30, horizonDays: 7 });
  const query = { schedule, minutes: 20, nowMs, fromDay: "2026-11-23", toDay: "2026-12-31", busy: [] };

  test("respect notice and horizon", () => {
    const slots = [...freeSlots(query)];
    expect(slots[0]?.startMs).toBe(Date.parse("2026-11-23T08:40:00Z"));
    expect(slots.at(-1)?.startMs).toBe(Date.parse("2026-11-30T10:40:00Z"));
  });

  test("never overlap anything busy, and lose nothing else", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.integer({ min: 0, max: 480 }), minutes: fc.integer({ min: 1, max: 120 }) }), { maxLength: 6 }),
        (blocks) => {
          const busy = blocks.map(({ at, minutes }) => ({ startMs: nowMs + at * minuteMs, endMs: nowMs + (at + minutes) * minuteMs }));
          const free = [...freeSlots({ ...query, busy })];
          const all = [...freeSlots(query)];
          expect(free).toEqual(all.filter((slot) => !busy.some((block) => overlaps(slot, block))));
        },
      ),
    );
  });

  test("touching ends do not overlap, one minute inside does", () => {
    const slot = { startMs: 0, endMs: 20 * minuteMs };
    expect(overlaps(slot, { startMs: 20 * minuteMs, endMs: 40 * minuteMs })).toBe(false);
    expect(overlaps(slot, { startMs: 5 * minuteMs, endMs: 6 * minuteMs })).toBe(true);
  });

  test("alternatives are the nearest free times in order", () => {
    const wanted = Date.parse("2026-11-24T09:00:00Z");
    const busy = [{ startMs: wanted, endMs: wanted + 20 * minuteMs }];
    const found = nearestFree({ ...query, busy }, wanted, 3).map((slot) => new Date(slot.startMs).toISOString());
    expect(found).toEqual(["2026-11-24T08:20:00.000Z", "2026-11-24T08:40:00.000Z", "2026-11-24T09:20:00.000Z"]);
  });

  test("patients get offered starts only, members any minute within hours", () => {
    const offGrid = Date.parse("2026-11-24T08:10:00Z");
    expect(isOffered(schedule, 20, offGrid, nowMs)).toBe(false);
    expect(isWithinHours(schedule, 20, offGrid)).toBe(true);
    expect(isWithinHours(schedule, 20, Date.parse("2026-11-24T10:50:00Z"))).toBe(false);
    expect(isWithinHours(schedule, 20, offGrid + 1000)).toBe(false);
    expect(isOffered(schedule, 20, Date.parse("2026-11-24T08:20:00Z"), nowMs)).toBe(true);
  });
});

test("overlapping, empty and reversed windows are faulty; touching ones are not", () => {
  const window = (from: string, to: string, day = 1) => ({ day, from, to });
  expect(faultyWindows([window("09:00", "12:00"), window("12:00", "13:00"), window("09:00", "12:00", 2)])).toEqual([]);
  expect(faultyWindows([window("09:00", "12:00"), window("11:59", "13:00"), window("14:00", "14:00"), window("16:00", "15:00")])).toEqual([
    1, 2, 3,
  ]);
});
