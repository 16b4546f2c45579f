import { expect, test } from "bun:test";
import { bootstrap, median, quantile, randomNumbers, spread } from "./stats.ts";

test("the median of an even number of values lies between the middle two", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
  expect(() => median([])).toThrow(RangeError);
});

test("a quantile lies in proportion between its neighbours", () => {
  expect(quantile([0, 10], 0.25)).toBe(2.5);
  expect(quantile([1, 2, 3, 4, 5], 1)).toBe(5);
});

test("the bootstrap interval holds the median, is the same each time, and narrows with more values", () => {
  const random = randomNumbers(7);
  const few = Array.from({ length: 5 }, () => 100 + random() * 20);
  const many = Array.from({ length: 200 }, () => 100 + random() * 20);
  for (const values of [few, many]) {
    const { low, high, median: middle } = bootstrap(values);
    expect(low).toBeLessThanOrEqual(middle);
    expect(high).toBeGreaterThanOrEqual(middle);
    expect(bootstrap(values)).toEqual(bootstrap(values));
  }
  expect(bootstrap(many).high - bootstrap(many).low).toBeLessThan(bootstrap(few).high - bootstrap(few).low);
});

test("equal values have no spread; the spread is the farthest value's share of the median", () => {
  expect(spread([3, 3, 3])).toBe(0);
  expect(spread([100, 80, 105])).toBeCloseTo(0.2);
});
