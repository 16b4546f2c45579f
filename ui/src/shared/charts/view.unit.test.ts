import { expect, test } from "bun:test";
import fc from "fast-check";
import { longestViewMs, panView, shortestViewMs, spanOf, type View, zoomView } from "./view.ts";

const now = Date.parse("2026-01-15T12:00:00Z");
const hour = 3_600_000;
const live: View = { spanMs: hour, end: undefined };

test("a view without an end follows the clock", () => {
  expect(spanOf(live, now + 60_000).to - spanOf(live, now).to).toBeGreaterThan(57_000);
  expect(spanOf({ spanMs: hour, end: now }, now + 60_000)).toEqual({ from: now - hour, to: now });
});
test("moving back leaves the clock, moving forward again finds it, and never passes it", () => {
  const back = panView(live, -hour, now);
  expect(back.end).toBeLessThan(now);
  expect(panView(back, 5 * hour, now)).toEqual(live);
});
test("zooming at the newest reading keeps following; zooming out never shows the future", () => {
  expect(zoomView(live, 0.5, spanOf(live, now).to, now)).toEqual({ spanMs: hour / 2, end: undefined });
  expect(zoomView({ spanMs: hour, end: now - hour }, 24, now - hour * 1.5, now).end).toBeUndefined();
});
test("for any zoom: the instant under the pointer stays there, unless an end of time or length is reached", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (factor, share) => {
      const view: View = { spanMs: 24 * hour, end: now - 30 * 24 * hour };
      const before = spanOf(view, now);
      const at = before.from + share * view.spanMs;
      const zoomed = zoomView(view, factor, at, now);
      expect(zoomed.spanMs).toBeGreaterThanOrEqual(shortestViewMs);
      expect(zoomed.spanMs).toBeLessThanOrEqual(longestViewMs);
      if (zoomed.end === undefined) return;
      const after = spanOf(zoomed, now);
      expect(Math.abs((at - after.from) / zoomed.spanMs - share)).toBeLessThan(1e-6);
    }),
  );
});
