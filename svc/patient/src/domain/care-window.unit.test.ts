import { expect, test } from "bun:test";
import fc from "fast-check";
import { careWindow, hull, isConnected } from "./care-window.ts";

const day = 86_400_000;
const visit = fc
  .integer({ min: 0, max: 4_000 * day })
  .chain((startMs) => fc.integer({ min: 1, max: day }).map((length) => ({ startMs, endMs: startMs + length })));

test("care starts 7 days before the visit and ends 90 days after it", () => {
  expect(careWindow({ startMs: 100 * day, endMs: 100 * day + 1 })).toEqual({ fromMs: 93 * day, untilMs: 190 * day + 1 });
});

test("windows that touch are one stretch, others are not, whichever comes first", () => {
  const a = { fromMs: 0, untilMs: 10 };
  for (const [b, connected] of [
    [{ fromMs: 10, untilMs: 20 }, true],
    [{ fromMs: 11, untilMs: 20 }, false],
    [{ fromMs: 2, untilMs: 3 }, true],
  ] as const) {
    expect([isConnected(a, b), isConnected(b, a)]).toEqual([connected, connected]);
  }
});

test("the hull covers every window and no more than the outermost", () => {
  expect(hull([])).toBeNull();
  fc.assert(
    fc.property(fc.array(visit.map(careWindow), { minLength: 1, maxLength: 8 }), (windows) => {
      const whole = hull(windows);
      expect(windows.every((window) => whole && window.fromMs >= whole.fromMs && window.untilMs <= whole.untilMs)).toBe(true);
      expect(windows.some((window) => window.fromMs === whole?.fromMs) && windows.some((window) => window.untilMs === whole?.untilMs)).toBe(
        true,
      );
    }),
  );
});
