import { describe, expect, test } from "bun:test";
import { daysLater, equalReason, faultsOfAbsence, shiftOf } from "./absence.ts";

const at = (instant: string) => Date.parse(instant);

describe("a block of visits on another day", () => {
  test("keeps times of day over both clock changes of Paris", () => {
    expect(daysLater("Europe/Paris", at("2027-03-26T09:00:00+01:00"), 3)).toBe(at("2027-03-29T09:00:00+02:00"));
    expect(daysLater("Europe/Paris", at("2027-10-29T17:40:00+02:00"), 3)).toBe(at("2027-11-01T17:40:00+01:00"));
  });

  test("a time of day that the clock skips becomes the first after it; half-hour zones are no exception", () => {
    expect(daysLater("Europe/Paris", at("2027-03-27T02:30:00+01:00"), 1)).toBe(at("2027-03-28T03:00:00+02:00"));
    expect(daysLater("Australia/Lord_Howe", at("2026-10-03T09:10:00+10:30"), 1)).toBe(at("2026-10-04T09:10:00+11:00"));
  });

  test("the first day of the period becomes the named one, on the doctor's calendar and not on that of UTC", () => {
    expect(shiftOf("America/Montreal", at("2026-11-26T23:30:00-05:00"), "2026-12-03")).toBe(7);
    expect(shiftOf("Europe/Paris", at("2026-11-27T00:00:00+01:00"), "2026-11-26")).toBe(-1);
  });
});

test("a colleague's reason stands for a visit only when it is the only one of its length and mode", () => {
  const [twenty, video, long] = [
    { id: "a", minutes: 20, mode: "in-person" },
    { id: "b", minutes: 20, mode: "video" },
    { id: "c", minutes: 40, mode: "in-person" },
  ];
  const visit = { minutes: 20, mode: "in-person" };
  expect(equalReason([twenty, video, long], visit)).toBe(twenty);
  expect(equalReason([twenty, { ...twenty, id: "d" }], visit)).toBeUndefined();
  expect(equalReason([video, long], visit)).toBeUndefined();
});

test("an absence may begin in the past, but not end there, and lasts 400 days at most", () => {
  const now = at("2026-11-26T10:00:00Z");
  const hour = 3_600_000;
  expect(faultsOfAbsence({ startMs: now - hour, endMs: now + hour }, now)).toEqual([]);
  expect(faultsOfAbsence({ startMs: now - hour, endMs: now }, now)).toHaveLength(1);
  expect(faultsOfAbsence({ startMs: now + hour, endMs: now + hour }, now)).toHaveLength(1);
  expect(faultsOfAbsence({ startMs: now, endMs: now + 400 * 24 * hour }, now)).toEqual([]);
  expect(faultsOfAbsence({ startMs: now, endMs: now + 400 * 24 * hour + 1 }, now)).toHaveLength(1);
});
