import { describe, expect, test } from "bun:test";
import type { JudgedDate } from "@episante/contracts/series";
import { afterRefusal, type DateRow, decidedStarts, firstDraft, offeredFor, startOf, wishOf } from "./series-form.ts";

const slot = (start: string) => ({ start, end: start, zone: "Europe/Paris" });
const row = (key: string, more: Partial<JudgedDate> = {}): DateRow => ({
  key,
  date: { day: key.slice(0, 10), start: key, end: key, free: true, blockers: [], alternatives: [], ...more },
});
const closed = { free: false, blockers: [{ code: "closed" as const, by: "clinic" as const, binds: "everybody" as const }] };
const [first, second, third] = ["2026-11-24T09:00:00.000Z", "2026-12-01T09:00:00.000Z", "2026-12-08T09:00:00.000Z"] as const;
const [near, other] = ["2026-12-02T09:00:00.000Z", "2026-12-02T09:20:00.000Z"] as const;

describe("the rhythm", () => {
  test("is what was typed, once it is whole and within what a series may be", () => {
    expect(wishOf(firstDraft)).toEqual({ rhythm: { unit: "week", every: 1 }, end: { count: 10 } });
    expect(wishOf({ ...firstDraft, unit: "month-weekday", every: "3", endsBy: "until", until: "2027-06-30" })).toEqual({
      rhythm: { unit: "month", every: 3, by: "weekday" },
      end: { until: "2027-06-30" },
    });
    expect(wishOf({ ...firstDraft, unit: "month-date" })?.rhythm).toEqual({ unit: "month", every: 1, by: "date" });
    for (const wrong of [{ every: "" }, { every: "9" }, { every: "1.5" }, { count: "1" }, { count: "53" }, { endsBy: "until" as const }])
      expect(wishOf({ ...firstDraft, ...wrong })).toBeUndefined();
  });
});

describe("the dates", () => {
  const rows = [row(first), row(second, { ...closed, alternatives: [slot(near), slot(other)] }), row(third)];

  test("that are free are taken, others are left out until somebody chooses", () => {
    expect(decidedStarts(rows, {})).toEqual([
      { key: first, start: first },
      { key: third, start: third },
    ]);
    expect(decidedStarts(rows, { [second]: near, [third]: null }).map(({ start }) => start)).toEqual([first, near]);
    expect(startOf(row(first, { start: undefined, free: false }), {})).toBeNull();
  });

  test("do not offer a time that another row has", () => {
    const [, blocked] = rows;
    const twin = row(third, { ...closed, alternatives: [slot(near), slot(other)] });
    if (!blocked) throw new Error("no row");
    expect(offeredFor(twin, [blocked, twin], { [second]: near }).map(({ start }) => start)).toEqual([other]);
    expect(offeredFor(blocked, [blocked, twin], { [second]: near })).toHaveLength(2);
  });

  test("that were lost are left out and offer what is free now; all others stay decided", () => {
    const lost = { ...row(third, { ...closed, alternatives: [slot(other)] }).date };
    const next = afterRefusal(rows, { [second]: near, [first]: null }, [lost, { ...lost, start: near }]);
    expect(decidedStarts(next.rows, next.decisions)).toEqual([]);
    expect(next.rows[1]?.date).toMatchObject({ start: second, free: false, alternatives: [slot(other)] });
    expect(next.rows[2]?.date.blockers).toEqual(lost.blockers);
    expect(next.decisions).toEqual({ [first]: null });
    expect(afterRefusal(rows, {}, "not a list").rows).toEqual(rows);
  });
});
