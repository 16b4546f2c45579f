import { expect, test } from "bun:test";
import { extendedUntil, judgeTime, judgeVisitor } from "./policy.ts";

const minute = 60_000;

test("a hold is extended by five minutes, up to thirty in all", () => {
  let hold = { createdMs: 0, expiresMs: 5 * minute };
  for (let times = 0; times < 5; times++) hold = { ...hold, expiresMs: extendedUntil(hold) ?? -1 };
  expect(hold.expiresMs).toBe(30 * minute);
  expect(extendedUntil(hold)).toBeNull();
});

test("a time is judged in the order past, then hours", () => {
  const schedule = {
    zone: "Europe/Paris",
    windows: [{ day: 1, from: "09:00", to: "12:00" }],
    closures: [],
    noticeMinutes: 60,
    horizonDays: 30,
  };
  const nowMs = Date.parse("2026-11-23T08:05:00Z");
  const reason = { reasonId: "rea_1", minutes: 20, isOnline: true };
  const byPhone = { ...reason, isOnline: false };
  const wanted = { schedule, reason, nowMs, byMember: false };
  const judge = (start: string, more = {}) => judgeTime({ ...wanted, startMs: Date.parse(start), ...more })?.refused ?? null;
  expect(judge("2026-11-23T08:00:00Z")).toBe("slot-in-past");
  expect(judge("2026-11-23T08:20:00Z")).toBe("slot-outside-hours");
  expect(judge("2026-11-23T08:20:00Z", { byMember: true })).toBeNull();
  expect(judge("2026-11-23T09:20:00Z")).toBeNull();
  expect(judge("2026-11-23T09:20:00Z", { reason: byPhone })).toBe("slot-outside-hours");
  expect(judge("2026-11-23T09:20:00Z", { reason: byPhone, byMember: true })).toBeNull();
  expect(judge("2026-11-24T09:20:00Z", { byMember: true })).toBe("slot-outside-hours");
});

test("a refusal says which rule it was, in words where there is something to say, without facts that are the clinic's own", () => {
  const schedule = {
    zone: "Europe/Paris",
    windows: [{ day: 1, from: "09:00", to: "12:00" }],
    closures: [],
    noticeMinutes: 0,
    horizonDays: 30,
  };
  const reason = { reasonId: "rea_1", minutes: 20, isOnline: true, minAge: 16, maxAge: 25 };
  const nowMs = Date.parse("2026-11-23T07:00:00Z");
  const asked = { schedule, reason, nowMs, startMs: Date.parse("2026-11-23T08:00:00Z") };
  const absences = [{ startMs: nowMs, endMs: nowMs + 86_400_000 }];
  expect(judgeTime({ ...asked, absences })).toEqual({ refused: "slot-outside-hours", extra: { why: "absent" } });
  const young = { ...asked, visitor: { birthDate: "2015-01-01", isKnown: false } };
  expect(judgeTime(young)).toEqual({
    refused: "slot-outside-hours",
    detail: "This visit is for people from 16 up to 25 years of age.",
    extra: { why: "age" },
  });
  // A held time within the notice is still judged for who comes, and for nothing else.
  const held = { ...young, schedule: { ...schedule, noticeMinutes: 600 } };
  expect(judgeVisitor(held)?.extra).toEqual({ why: "age" });
  expect(judgeVisitor({ ...held, visitor: { birthDate: "2005-01-01" } })).toBeNull();
});
