import { expect, test } from "bun:test";
import { proxyBases, proxyScopes } from "@episante/contracts/patient";
import fc from "fast-check";
import { birthdayAfter, dayAt, startOfDay } from "./civil-day.ts";
import { endOfLastDay, grantsUntil, judgeBasis, majorityOf, narrow, statusOf } from "./proxy.ts";

const never = { verifiedMs: null, endsMs: null, reviewMs: null, closedMs: null };

test.each([
  ["asked only", never, "requested"],
  ["verified", { ...never, verifiedMs: 1 }, "active"],
  ["until the end", { ...never, verifiedMs: 1, endsMs: 101 }, "active"],
  ["at the end", { ...never, verifiedMs: 1, endsMs: 100 }, "ended"],
  ["before the birthday", { ...never, verifiedMs: 1, reviewMs: 101 }, "active"],
  ["from the birthday on", { ...never, verifiedMs: 1, reviewMs: 100 }, "review"],
  ["ended in review", { ...never, verifiedMs: 1, reviewMs: 50, endsMs: 100 }, "ended"],
  ["a request past its end", { ...never, endsMs: 100 }, "ended"],
  ["closed", { ...never, verifiedMs: 1, closedMs: 2 }, "ended"],
] as const)("at 100 a link that is %s: %p", (_, link, status) => {
  expect(statusOf(link, 100)).toBe(status);
});

test("a verified link is active exactly until the instant its event names", () => {
  const at = fc.option(fc.integer({ min: 2, max: 300 }), { nil: null });
  fc.assert(
    fc.property(at, at, at, fc.integer({ min: 1, max: 300 }), (endsMs, reviewMs, closedMs, nowMs) => {
      const link = { verifiedMs: 1, endsMs, reviewMs, closedMs: closedMs !== null && closedMs <= nowMs ? closedMs : null };
      const until = grantsUntil(link);
      return (statusOf(link, nowMs) === "active") === (until === null || nowMs < until);
    }),
  );
});

test.each([
  ["Europe/Paris", "2008-11-23", "2026-11-22T23:00:00.000Z"],
  ["America/Montreal", "2008-11-23", "2026-11-23T05:00:00.000Z"],
  ["Pacific/Kiritimati", "2008-11-23", "2026-11-22T10:00:00.000Z"],
  ["Europe/Paris", "2004-02-29", "2022-02-28T23:00:00.000Z"],
] as const)("in %s somebody born on %s is of age from %s", (zone, birthDate, at) => {
  expect(new Date(majorityOf(birthDate, zone)).toISOString()).toBe(at);
});

test("a day begins where the calendar of the zone turns, also when the clock skips midnight", () => {
  const zones = ["Europe/Paris", "America/Montreal", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago", "Pacific/Apia"];
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 11_000 }), (zone, days) => {
      const day = new Date(Date.UTC(2000, 0, 1) + days * 86_400_000).toISOString().slice(0, 10);
      const start = startOfDay(zone, day);
      return dayAt(zone, start) >= day && dayAt(zone, start - 1) < day;
    }),
  );
});

test("the last day counts whole, and one that is over is refused", () => {
  const now = Date.parse("2026-11-22T22:30:00Z");
  expect(endOfLastDay("2026-11-22", "Europe/Paris", now)).toBe(Date.parse("2026-11-22T23:00:00Z"));
  expect(endOfLastDay("2026-11-21", "Europe/Paris", now)).toMatchObject({ refused: "invalid-input" });
});

test("parents act for minors, mandates and consents are for grown-ups, guardians for both", () => {
  const fits = (isMinor: boolean) => proxyBases.filter((basis) => judgeBasis(basis, isMinor) === null);
  expect(fits(true)).toEqual(["parent", "guardian"]);
  expect(fits(false)).toEqual(["guardian", "carer-mandate", "spouse-consent", "patient-consent"]);
});

test("nobody gets a right that was not asked for", () => {
  const some = fc.subarray([...proxyScopes]);
  fc.assert(
    fc.property(some, some, (asked, wanted) => narrow(asked, wanted).every((scope) => asked.includes(scope) && wanted.includes(scope))),
  );
  expect(narrow(["record", "book"], undefined)).toEqual(["book", "record"]);
});

test("a birthday on 29 February is on 1 March in common years", () => {
  expect(birthdayAfter("2004-02-29", 18)).toBe("2022-03-01");
  expect(birthdayAfter("2004-02-29", 20)).toBe("2024-02-29");
});
