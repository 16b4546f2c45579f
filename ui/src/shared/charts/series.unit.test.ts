import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { setLocale } from "../i18n/i18n.ts";
import { barScale, rangeScale } from "./bars.ts";
import { axisRange, beyond, niceStep, type Point, prepareSeries, stepSample, summarise, toPoints } from "./series.ts";
import { layoutSparkline } from "./sparkline.ts";
import { summarySentence } from "./summary.ts";

const at = (seconds: number) => seconds * 1000;
const window = { from: 0, to: at(600) };
const every = (from: number, to: number, value: number | ((second: number) => number)): Point[] =>
  Array.from({ length: to - from }, (_, index) => ({
    at: at(from + index),
    value: typeof value === "number" ? value : value(from + index),
  }));

describe("gaps", () => {
  test("a hole of two minutes is marked and never joined", () => {
    const series = prepareSeries([...every(0, 200, 95), ...every(320, 600, 94)], window, 60_000);
    expect(series.gaps).toEqual([{ from: at(199), to: at(320) }]);
    const hole = series.ys.indexOf(null);
    expect(series.xs[hole]).toBeGreaterThan(199);
    expect(series.xs[hole]).toBeLessThan(320);
  });
  test("a hole within the limit is joined", () => {
    expect(prepareSeries([...every(0, 200, 95), ...every(230, 600, 94)], window, 60_000).gaps).toEqual([]);
  });
  test("missing at the start and at the end are gaps, and so is everything when there is nothing", () => {
    expect(prepareSeries(every(100, 500, 95), window, 60_000).gaps).toEqual([
      { from: 0, to: at(100) },
      { from: at(499), to: at(600) },
    ]);
    expect(prepareSeries([], window, 60_000).gaps).toEqual([{ from: 0, to: at(600) }]);
  });
  test("flagged readings are marks, not part of the line", () => {
    const series = prepareSeries([...every(0, 10, 95), { at: at(10), value: 127, flag: "implausible" }], { from: 0, to: at(10) }, 60_000);
    expect(series.points).toHaveLength(10);
    expect(series.rejected.map((point) => point.value)).toEqual([127]);
  });
  test("for any readings: columns have one length, x never falls, every good reading in the window is drawn", () => {
    const readings = fc.uniqueArray(
      fc.record({ at: fc.integer({ min: -50_000, max: 700_000 }), value: fc.integer({ min: 50, max: 100 }) }),
      {
        selector: (point) => point.at,
      },
    );
    fc.assert(
      fc.property(readings, (points) => {
        const sorted = points.toSorted((a, b) => a.at - b.at);
        const series = prepareSeries(sorted, window, 60_000);
        expect(series.ys).toHaveLength(series.xs.length);
        for (let i = 1; i < series.xs.length; i++) expect((series.xs[i] ?? 0) >= (series.xs[i - 1] ?? 0)).toBe(true);
        expect(series.ys.filter((y) => y !== null)).toHaveLength(sorted.filter((point) => point.at >= 0 && point.at <= at(600)).length);
      }),
    );
  });
});

test("a word is drawn at the number it stands for, between numbers too", () => {
  const items = ["LO", 120, "HI"].map((value, second) => ({ at: new Date(second * 1000).toISOString(), value }));
  expect(toPoints(items, "99504-3").map((point) => point.value)).toEqual([39, 120, 401]);
  expect(toPoints([{ at: "1970-01-01T00:00:00Z", value: "V" }], "67775-7").map((point) => point.value)).toEqual([2]);
});

describe("roll-ups", () => {
  const rolled = toPoints(
    [
      { at: "1970-01-01T00:01:00Z", min: 84, max: 97, mean: 93, n: 60 },
      { at: "1970-01-01T00:00:00Z", min: 92, max: 98, mean: 95, n: 60 },
    ],
    "59408-5",
  );
  test("keep minimum and maximum as an envelope, in time order", () => {
    const series = prepareSeries(rolled, { from: 0, to: at(60) }, 150_000);
    expect(series.ys).toEqual([95, 93]);
    expect(series.mins).toEqual([92, 84]);
    expect(series.maxs).toEqual([98, 97]);
  });
  test("a minimum beyond the limit counts, though the mean does not", () => {
    const series = prepareSeries(rolled, { from: 0, to: at(60) }, 150_000);
    expect(beyond(series, { value: 90, side: "below" })).toEqual([null, 93]);
  });
});

test("the limit itself is within", () => {
  const series = prepareSeries(
    every(0, 3, (second) => 91 - second),
    window,
    60_000,
  );
  expect(beyond(series, { value: 90, side: "below" }).slice(0, 3)).toEqual([null, null, 89]);
});

describe("value axis", () => {
  const axis = [80, 100] as const;
  test("is the signal's own, widens for values outside and never shrinks while open", () => {
    expect(axisRange(axis, prepareSeries(every(0, 5, 95), window, 60_000))).toEqual([80, 100]);
    const wide = axisRange(axis, prepareSeries(every(0, 5, 71), window, 60_000));
    expect(wide).toEqual([70, 100]);
    expect(axisRange(axis, prepareSeries(every(0, 5, 95), window, 60_000), wide)).toEqual([70, 100]);
  });
  test("steps are round numbers", () => {
    expect([20, 140, 8, 1].map(niceStep)).toEqual([5, 50, 2, 0.25]);
  });
});

describe("summary", () => {
  const falling = prepareSeries([...every(0, 200, 95), ...every(320, 600, (second) => (second < 500 ? 94 : 87))], window, 60_000);
  test("tells trend, worst, gaps and since when the limit is passed", () => {
    const facts = summarise(falling, [80, 100], { value: 90, side: "below" });
    expect(facts).toMatchObject({ count: 480, trend: "falling", gaps: 1, longestGapMs: at(121), beyondSince: at(500) });
    expect(facts.worst?.value).toBe(87);
  });
  test("the sentence matches the data, in both languages", () => {
    const words = () =>
      summarySentence({
        label: "SpO₂",
        span: "1 h",
        unit: "%",
        zone: "UTC",
        now: at(604),
        limit: { value: 90, side: "below" },
        summary: summarise(falling, [80, 100], { value: 90, side: "below" }),
      });
    setLocaleForTest("en");
    expect(words().replaceAll("\u202f", " ")).toBe(
      "SpO₂, 1 h: falling, last value 87 % at 00:09:59 (5 s), worst value 87 % at 00:08:20. 1 period without readings, the longest 2 min. Beyond the threshold of 90 % since 00:08:20.",
    );
    setLocaleForTest("fr");
    expect(words().replaceAll("\u202f", " ")).toContain("tendance à la baisse, dernière valeur 87 % à 00:09:59");
  });
  test("says so when there is nothing", () => {
    setLocaleForTest("en");
    const summary = summarise(prepareSeries([], window, 60_000), [80, 100]);
    expect(summarySentence({ label: "SpO₂", span: "1 h", unit: "%", zone: "UTC", now: 0, summary })).toBe("SpO₂, 1 h: no readings.");
  });
});

test("arrows step over holes and stop at the ends", () => {
  const series = prepareSeries([...every(0, 2, 95), ...every(300, 302, 94)], window, 60_000);
  expect(series.ys).toEqual([95, 95, null, 94, 94]);
  expect(stepSample(series, undefined, -1)).toBe(4);
  expect(stepSample(series, 1, 1)).toBe(3);
  expect(stepSample(series, 3, -1)).toBe(1);
  expect(stepSample(series, 4, 1)).toBe(4);
  expect(stepSample(prepareSeries([], window, 60_000), undefined, 1)).toBeUndefined();
});

describe("sparkline", () => {
  const box = { width: 128, height: 34 };
  test("does not join across a hole and keeps the limit in view", () => {
    const shape = layoutSparkline([...every(0, 200, 95), ...every(400, 600, 94)], box, window, 60_000, { value: 90, side: "below" });
    expect(shape.line.match(/M/g)).toHaveLength(2);
    expect(shape.band && shape.band.y > 0 && shape.band.y < 34).toBe(true);
    expect(shape.bad).toBe("");
  });
  test("draws the part beyond the limit apart", () => {
    const shape = layoutSparkline(
      every(0, 600, (second) => (second < 500 ? 95 : 86)),
      box,
      window,
      60_000,
      { value: 90, side: "below" },
    );
    expect(shape.bad.startsWith("M")).toBe(true);
    expect(shape.dot?.x).toBeLessThanOrEqual(128);
  });
  test("an empty trend draws nothing and no number is broken", () => {
    const shape = layoutSparkline([], box, window, 60_000);
    expect(shape).toMatchObject({ line: "", bad: "", dot: undefined });
  });
});

describe("bars", () => {
  test("counts have whole steps and an empty chart still has an axis", () => {
    expect(barScale([{ label: "", parts: [{ value: 3, tone: "plain" }] }])).toEqual({ top: 3, lines: [0, 1, 2, 3] });
    expect(barScale([])).toEqual({ top: 1, lines: [0, 1] });
  });
  test("a range chart holds the lowest and the highest value", () => {
    const { bottom, top } = rangeScale([{ label: "", range: { low: 84, middle: 95, high: 99 } }]);
    expect(bottom <= 84 && top >= 99).toBe(true);
  });
});

function setLocaleForTest(locale: "fr" | "en"): void {
  globalThis.document ??= { documentElement: {} } as Document;
  setLocale(locale);
}
