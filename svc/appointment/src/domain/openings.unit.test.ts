import { expect, test } from "bun:test";
import { behindOf, liesBehind, nextOpenings } from "./openings.ts";

const nowMs = Date.parse("2026-11-23T08:05:00Z");
const schedule = {
  zone: "Europe/Paris",
  windows: [{ day: 1, from: "09:00", to: "12:00" }],
  closures: [],
  noticeMinutes: 60,
  horizonDays: 30,
};
const reasons = [{ reasonId: "rea_1", minutes: 20, isOnline: true }];
const { zone } = schedule;

test("at most twenty starts, and due again when the first comes within the notice", () => {
  const { openings, dueMs } = nextOpenings({ schedule, reasons, taken: [], nowMs });
  expect(openings[0]?.starts).toHaveLength(20);
  expect(openings[0]?.starts[0]).toBe("2026-11-23T09:20:00.000Z");
  expect(new Date(dueMs - 1).toISOString()).toBe("2026-11-23T08:20:00.000Z");
  const later = nextOpenings({ schedule, reasons, taken: [], nowMs: dueMs });
  expect(later.openings[0]?.starts[0]).toBe("2026-11-23T09:40:00.000Z");
});

test("without openings, due at the next midnight of the doctor's zone", () => {
  const { openings, dueMs } = nextOpenings({ schedule: { ...schedule, windows: [] }, reasons, taken: [], nowMs });
  expect(openings).toEqual([{ reasonId: "rea_1", starts: [] }] as never);
  expect(new Date(dueMs).toISOString()).toBe("2026-11-23T23:00:00.000Z");
});

test("a time behind all published starts of every reason changes nothing; one among them, or a list that is not full, may", () => {
  const both = [...reasons, { reasonId: "rea_2", minutes: 30, isOnline: true }];
  const { openings } = nextOpenings({ schedule, reasons: both, taken: [], nowMs });
  const lastMs = Math.max(...openings.flatMap(({ starts }) => starts.map((start) => Date.parse(start))));
  const visit = (startMs: number) => ({ startMs, endMs: startMs + 20 * 60_000 });
  expect(liesBehind(openings, both, zone, visit(lastMs))).toBe(false);
  // The visit itself lies behind, but the longest buffer before it might not.
  expect(liesBehind(openings, both, zone, visit(lastMs + 30 * 60_000 + 119 * 60_000))).toBe(false);
  expect(liesBehind(openings, both, zone, visit(lastMs + 30 * 60_000 + 120 * 60_000))).toBe(true);
  expect(liesBehind(openings, reasons, zone, visit(lastMs + 200 * 60_000))).toBe(false);
  const short = openings.map((one) => ({ ...one, starts: one.starts.slice(1) }));
  expect(liesBehind(short, both, zone, visit(lastMs + 200 * 60_000))).toBe(false);
});

test("what was found in the near days is what a look at all days finds", () => {
  const taken = [{ startMs: nowMs, endMs: nowMs + 7 * 86_400_000 }];
  const whole = nextOpenings({ schedule, reasons, taken, nowMs });
  expect(nextOpenings({ schedule, reasons, taken, nowMs, days: 7 }).isFull).toBe(false);
  expect(nextOpenings({ schedule, reasons, taken, nowMs, days: 28 })).toEqual(whole);
});

test("a later visit of the last published day may fill a capped day, and buffers reach behind the last start", () => {
  const capped = [{ reasonId: "rea_1", minutes: 20, isOnline: true, dailyCap: 5, bufferAfterMinutes: 10 }];
  const { openings } = nextOpenings({ schedule, reasons: capped, taken: [], nowMs });
  expect(new Date(behindOf(openings, capped, zone) ?? 0).toISOString()).toBe("2026-12-07T23:00:00.000Z");
  const buffered = [{ ...reasons[0], reasonId: "rea_1", minutes: 20, isOnline: true, bufferAfterMinutes: 10 }];
  const last = openings[0]?.starts.at(-1) ?? "";
  expect(behindOf(openings, buffered, zone)).toBe(Date.parse(last) + 30 * 60_000);
});

test("openings follow absences, closed days, the cap and a reason's own notice and horizon", () => {
  const absences = [{ startMs: nowMs, endMs: Date.parse("2026-11-30T10:00:00Z") }];
  const closedDays = [{ day: "2026-12-07", name: "Pont" }];
  const far = [{ reasonId: "rea_1", minutes: 60, isOnline: true, noticeMinutes: 0, horizonDays: 22 }];
  const days = (more: object) =>
    nextOpenings({ schedule, reasons: far, taken: [], nowMs, absences, closedDays, ...more }).openings[0]?.starts;
  expect(days({})).toEqual(["2026-11-30T10:00:00.000Z", ...["08", "09", "10"].map((hour) => `2026-12-14T${hour}:00:00.000Z`)]);
  const reasons = far.map((reason) => ({ ...reason, dailyCap: 2 }));
  const capped = new Map([["rea_1", [Date.parse("2026-12-14T08:00:00Z"), Date.parse("2026-12-14T09:00:00Z")]]]);
  expect(days({ reasons, capped })).toEqual(["2026-11-30T10:00:00.000Z"]);
});
