import { expect, test } from "bun:test";
import { dueAt } from "./reader.ts";

const reader = (busyUntil: number, gatherMs?: number) => ({
  state: { alive: new Map<number, number>(), busyUntil, turn: Promise.resolve() },
  ...(gatherMs === undefined ? {} : { gatherMs }),
});

test("what is gathered is due when its time is over; later while something urgent is on its way, but by half at most", () => {
  expect(dueAt(reader(0, 500), 1_000)).toBe(1_500);
  expect(dueAt(reader(1_400, 500), 1_000)).toBe(1_500);
  expect(dueAt(reader(1_600, 500), 1_000)).toBe(1_600);
  expect(dueAt(reader(9_000, 500), 1_000)).toBe(1_750);
});

test("a reader that gathers nothing waits for nobody", () => {
  expect(dueAt(reader(9_000), 1_000)).toBe(1_000);
});
