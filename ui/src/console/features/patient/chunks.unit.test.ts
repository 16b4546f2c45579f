import { expect, test } from "bun:test";
import { type Chunks, gapFor, knownGaps, missing, read, resolutionFor, store, thin } from "./chunks.ts";

const hour = 3_600_000;
const day = 24 * hour;
const at0 = Date.parse("2026-01-15T00:00:00Z");
const points = (from: number, to: number, step: number) =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, index) => ({ at: from + index * step, value: 95 }));

test("the width decides: an hour is raw, a day is minutes, a week or a year hours; a narrow screen takes coarser steps", () => {
  const spans = [hour, day, 7 * day, 30 * day, 365 * day];
  expect(spans.map((span) => resolutionFor(span, 900))).toEqual(["raw", "1m", "1h", "1h", "1h"]);
  expect(resolutionFor(3 * day, 900)).toBe("1m");
  expect(resolutionFor(3 * day, 340)).toBe("1h");
});
test("nothing that was fetched is asked again; a move asks for the new stretch alone, in one piece", () => {
  const now = at0 + 30 * day;
  const first = { from: at0, to: at0 + day };
  const chunks = store(new Map(), first, points(first.from, first.to, 60_000), "1m", now);
  expect(missing(chunks, { from: at0 + hour, to: at0 + 20 * hour }, "1m", now)).toEqual([]);
  expect(missing(chunks, { from: at0 - 30 * hour, to: at0 + hour }, "1m", now)).toEqual([{ from: at0 - 2 * day, to: at0 }]);
});
test("at the newest end only what is new is asked, with an overlap for late readings, and put behind what was there", () => {
  const now = at0 + 30 * 60_000;
  let chunks: Chunks = store(new Map(), { from: at0, to: now }, points(at0, now, 1000), "raw", now);
  const asked = missing(chunks, { from: at0, to: at0 + hour }, "raw", now + 5000);
  expect(asked).toEqual([{ from: now - 1000 - 20_000, to: now + 5000 }]);
  const [tail] = asked;
  if (!tail) throw new Error("nothing asked");
  chunks = store(chunks, tail, points(tail.from, tail.to, 1000), "raw", now + 5000);
  const all = read(chunks, { from: at0, to: at0 + hour }, "raw").points;
  expect(all).toEqual(points(at0, now + 5000, 1000));
});
test("a correction or deletion inside the answer replaces what was known there", () => {
  const chunks = store(new Map(), { from: at0, to: at0 + hour }, points(at0, at0 + hour, 60_000), "raw", at0 + hour);
  const again = store(chunks, { from: at0, to: at0 + hour }, [{ at: at0, value: 90 }], "raw", at0 + hour);
  expect(read(again, { from: at0, to: at0 + hour }, "raw").points).toEqual([{ at: at0, value: 90 }]);
});
test("older pieces are asked again after ten minutes: readings may have been filled in", () => {
  const now = at0 + 30 * day;
  const chunks = store(new Map(), { from: at0, to: at0 + day }, [], "1m", now);
  expect(missing(chunks, { from: at0, to: at0 + day }, "1m", now + 9 * 60_000)).toEqual([]);
  expect(missing(chunks, { from: at0, to: at0 + day }, "1m", now + 11 * 60_000)).toEqual([{ from: at0, to: at0 + day }]);
});
test("for drawing, readings of one pixel become one that keeps their extremes; few readings and flagged ones stay as they are", () => {
  const dense = points(at0, at0 + hour, 1000).map((point, index) => ({ ...point, value: index === 1800 ? 70 : 95 }));
  const thinned = thin(dense, 16_000);
  expect(thinned.stepMs).toBe(16_000);
  expect(thinned.points.length).toBeLessThan(230);
  expect(Math.min(...thinned.points.map(({ min, value }) => min ?? value))).toBe(70);
  expect(thin(dense, 1000)).toEqual({ points: dense, stepMs: 0 });
  const flagged = dense.map((point, index) => (index === 5 ? { ...point, flag: "implausible" } : point));
  expect(thin(flagged, 16_000).points.filter(({ flag }) => flag)).toHaveLength(1);
});
test("a stretch that was not asked yet is no gap", () => {
  const known = [{ from: at0, to: at0 + hour }];
  expect(knownGaps([{ from: at0 - hour, to: at0 + 60_000 }], known)).toEqual([{ from: at0, to: at0 + 60_000 }]);
});
test("a hole in readings each second is a gap after a minute; a value each morning is no row of gaps", () => {
  expect(gapFor(points(at0, at0 + hour, 1000), "raw")).toBe(60_000);
  expect(gapFor(points(at0, at0 + 10 * day, day), "1h")).toBe(3 * day);
  expect(gapFor([], "1m")).toBe(150_000);
});
