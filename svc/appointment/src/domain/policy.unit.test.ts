import { expect, test } from "bun:test";
import { cancelUntil, extendedUntil, judgeCancel, judgeTime } from "./policy.ts";

const minute = 60_000;

test("a hold is extended by five minutes, up to thirty in all", () => {
  let hold = { createdMs: 0, expiresMs: 5 * minute };
  for (let times = 0; times < 5; times++) hold = { ...hold, expiresMs: extendedUntil(hold) ?? -1 };
  expect(hold.expiresMs).toBe(30 * minute);
  expect(extendedUntil(hold)).toBeNull();
});

test("patients cancel until the reason's hours before the visit, members of the clinic later too", () => {
  const visit = { status: "booked", cancelUntilMs: cancelUntil(600 * minute, 4) };
  expect(judgeCancel(visit, 360 * minute, false)).toBeNull();
  expect(judgeCancel(visit, 360 * minute + 1, false)).toMatchObject({ refused: "wrong-state", detail: expect.any(String) });
  expect(judgeCancel(visit, 360 * minute + 1, true)).toBeNull();
  expect(judgeCancel({ ...visit, status: "cancelled" }, 0, true)).toMatchObject({ refused: "already-cancelled" });
  expect(judgeCancel({ ...visit, status: "fulfilled" }, 0, true)).toMatchObject({ refused: "wrong-state" });
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
  const wanted = { schedule, minutes: 20, isOnline: true, nowMs, byMember: false };
  const judge = (start: string, more = {}) => judgeTime({ ...wanted, startMs: Date.parse(start), ...more })?.refused ?? null;
  expect(judge("2026-11-23T08:00:00Z")).toBe("slot-in-past");
  expect(judge("2026-11-23T08:20:00Z")).toBe("slot-outside-hours");
  expect(judge("2026-11-23T08:20:00Z", { byMember: true })).toBeNull();
  expect(judge("2026-11-23T09:20:00Z")).toBeNull();
  expect(judge("2026-11-23T09:20:00Z", { isOnline: false })).toBe("slot-outside-hours");
  expect(judge("2026-11-23T09:20:00Z", { isOnline: false, byMember: true })).toBeNull();
  expect(judge("2026-11-24T09:20:00Z", { byMember: true })).toBe("slot-outside-hours");
});
