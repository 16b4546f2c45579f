import { describe, expect, test } from "bun:test";
import { arrowTarget, dayParts, justGone, mergeSlots, type SlotCell, weekDays } from "./slot-grid.ts";

const zone = "Europe/Paris";
const day = "2026-01-13";
const at = (hour: string) => `2026-01-13T${hour}:00Z`;
const view = { from: "2026-01-12", to: "2026-01-18", zone, nowMs: Date.parse("2026-01-12T08:00:00Z"), watchedDay: day };
const first = (starts: string[]) => mergeSlots([], starts, { ...view, watchedDay: undefined });

describe("refreshing the times", () => {
  test("a time that is taken stays in its place, struck", () => {
    const before = first([at("08:00"), at("08:20"), at("08:40")]);
    const after = mergeSlots(before, [at("08:00"), at("08:40")], view);
    expect(after.map((cell) => [cell.start, cell.gone])).toEqual([
      [at("08:00"), false],
      [at("08:20"), true],
      [at("08:40"), false],
    ]);
    expect(justGone(before, after)).toEqual([at("08:20")]);
  });
  test("a time that becomes free again is offered again in the same place", () => {
    const gone = mergeSlots(first([at("08:00"), at("08:20")]), [at("08:00")], view);
    const back = mergeSlots(gone, [at("08:00"), at("08:20")], view);
    expect(back.map((cell) => cell.gone)).toEqual([false, false]);
  });
  test("a new time of the day on screen waits, one of another day does not", () => {
    const after = mergeSlots(first([at("08:00")]), [at("08:00"), at("09:00"), "2026-01-14T08:00:00Z"], view);
    expect(after.map((cell) => cell.waiting)).toEqual([false, true, false]);
    expect(dayParts(day, after, zone).morning.map((cell) => cell.start)).toEqual([at("08:00")]);
  });
  test("a time that passed disappears without being called taken", () => {
    const after = mergeSlots(first([at("08:00")]), [], { ...view, nowMs: Date.parse(at("08:30")) });
    expect(after).toEqual([]);
  });
  test("other weeks are left alone", () => {
    const other: SlotCell = { start: "2026-01-20T08:00:00Z", day: "2026-01-20", gone: false, waiting: false };
    expect(mergeSlots([other], [], view)).toEqual([other]);
  });
});

describe("days", () => {
  test("Monday to Friday always, the weekend only with times; a gone time is not counted", () => {
    const cells = mergeSlots(first([at("08:00"), at("08:20")]), [at("08:00")], view);
    expect(weekDays("2026-01-12", cells).map((entry) => entry.free)).toEqual([0, 1, 0, 0, 0]);
    const saturday = first(["2026-01-17T08:00:00Z"]);
    expect(weekDays("2026-01-12", saturday).map((entry) => entry.day)).toContain("2026-01-17");
  });
  test("morning and afternoon part at noon of the site", () => {
    const parts = dayParts(day, first([at("10:40"), at("11:00"), at("13:00")]), zone);
    expect(parts.morning.map((cell) => cell.start)).toEqual([at("10:40")]);
    expect(parts.afternoon.map((cell) => cell.start)).toEqual([at("11:00"), at("13:00")]);
  });
});

describe("arrow keys over a grid of 3 columns with a short last row", () => {
  const places = [0, 1, 2, 3, 4].map((index) => ({ left: (index % 3) * 100, top: Math.floor(index / 3) * 60 }));
  const cases: [string, number, number | undefined][] = [
    ["ArrowRight", 0, 1],
    ["ArrowRight", 4, undefined],
    ["ArrowLeft", 0, undefined],
    ["ArrowLeft", 3, 2],
    ["ArrowDown", 1, 4],
    ["ArrowDown", 2, 4],
    ["ArrowDown", 3, undefined],
    ["ArrowUp", 4, 1],
    ["ArrowUp", 0, undefined],
    ["Home", 4, 0],
    ["End", 0, 4],
    ["a", 0, undefined],
  ];
  for (const [key, from, to] of cases) {
    test(`${key} from ${from} leads to ${to}`, () => expect(arrowTarget(key, from, places)).toBe(to));
  }
  test("a target outside the grid leads nowhere", () => expect(arrowTarget("ArrowRight", -1, places)).toBeUndefined());
});
