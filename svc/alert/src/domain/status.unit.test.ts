import { describe, expect, test } from "bun:test";
import { doctorActor, patientActor } from "@episante/testkit/actors";
import { decideAccess } from "./access.ts";
import { isStale } from "./present.ts";
import { statusAfter } from "./status.ts";
import { addToTrend, type Trend } from "./trend.ts";

test("what a doctor closed by hand stays closed; an acknowledged alert that reopens keeps its owner", () => {
  const open = { status: "open", isCleared: false, isWorse: false } as const;
  expect(statusAfter("changed", open)).toBe("open");
  expect(statusAfter("resolved", { ...open, isCleared: true })).toBe("resolved");
  expect(statusAfter("reopened", { ...open, status: "resolved" })).toBe("open");
  expect(statusAfter("reopened", { ...open, status: "resolved", ackedAt: 1 })).toBe("acked");
  expect(statusAfter("reopened", { ...open, status: "resolved", closedByHandAt: 1 })).toBe("resolved");
  expect(statusAfter("withdrawn", { ...open, status: "acked" })).toBe("withdrawn");
});

test("an acknowledgement covers the severity it was given for: what got worse is open again, unless it has ended", () => {
  const worse = { status: "acked", ackedAt: 1, isCleared: false, isWorse: true } as const;
  expect(statusAfter("worsened", worse)).toBe("open");
  expect(statusAfter("reopened", { ...worse, status: "resolved" })).toBe("open");
  expect(statusAfter("changed", { ...worse, isWorse: false })).toBe("acked");
  expect(statusAfter("resolved", { ...worse, isCleared: true })).toBe("resolved");
  expect(statusAfter("worsened", { ...worse, status: "resolved", closedByHandAt: 1 })).toBe("resolved");
});

test("only open alerts are stale, after the gap limit", () => {
  expect(isStale("open", 0, 60, 60_000)).toBe(false);
  expect(isStale("acked", 0, 60, 60_001)).toBe(true);
  expect(isStale("resolved", 0, 60, 60_001)).toBe(false);
});

describe("access", () => {
  const facts = { patientId: "pat_1", isTreated: false, isPaged: false, isKnownInClinic: false };
  test("nothing is granted by default", () => {
    expect(decideAccess({ kind: "anonymous" }, { ...facts, isTreated: true, isPaged: true })).toBe("not-found");
    expect(decideAccess(doctorActor(), facts)).toBe("not-found");
    expect(decideAccess(doctorActor(), { ...facts, isKnownInClinic: true })).toBe("care-relationship-required");
  });
  test("own data, treated patients and those one was called by are granted", () => {
    expect(decideAccess(doctorActor(), { ...facts, isTreated: true })).toBe("granted");
    expect(decideAccess(doctorActor(), { ...facts, isPaged: true })).toBe("granted");
    expect(decideAccess(patientActor("pat_1" as never), facts)).toBe("granted");
  });
});

test("a trend holds at most 60 points of the last 30 minutes, in time order, whatever the order of arrival", () => {
  let trend: Trend = [];
  const times = Array.from({ length: 4000 }, (_, second) => second * 1000);
  for (const at of times.toSorted((a, b) => ((a * 7919) % 4_000_037) - ((b * 7919) % 4_000_037))) trend = addToTrend(trend, at, at);
  expect(trend.length).toBe(60);
  expect(trend.map(([at]) => at)).toEqual(trend.map(([at]) => at).toSorted((a, b) => a - b));
  expect(trend.at(-1)?.[0]).toBe(3_999_000);
  expect(trend[0]?.[0]).toBeGreaterThan(3_999_000 - 30 * 60_000 - 30_000);
});
