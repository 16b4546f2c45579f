import { describe, expect, test } from "bun:test";
import { barScale, columnPlace, isLabelled, rangeScale } from "./bars.ts";

describe("columns", () => {
  test("a single column keeps the width of a column; many share the plot without overlapping", () => {
    expect(columnPlace(0, 1, 432)).toEqual({ x: 0, width: 72 });
    const last = columnPlace(89, 90, 432);
    expect(last.x + last.width).toBeCloseTo(432);
  });
  test("the last column is always labelled and at most about six are", () => {
    for (const count of [1, 5, 7, 18, 30, 90]) {
      const labelled = Array.from({ length: count }, (_, index) => isLabelled(index, count, 480));
      expect(labelled.at(-1)).toBe(true);
      expect(labelled.filter(Boolean).length).toBeLessThanOrEqual(6);
    }
  });
});

describe("axes", () => {
  test("a lone visit stands on an axis of whole numbers", () => {
    expect(barScale([{ label: "a", parts: [{ value: 1, tone: "plain" }] }])).toEqual({ top: 1, lines: [0, 1] });
  });
  test("a single constant value still has a range around it, and empty places do not count", () => {
    const { bottom, top } = rangeScale([{ label: "a" }, { label: "b", range: { low: 97, middle: 97, high: 97 } }]);
    expect(bottom).toBeLessThanOrEqual(97);
    expect(top).toBeGreaterThan(97);
    expect(bottom).toBeGreaterThan(50);
  });
});
