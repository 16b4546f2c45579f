import { expect, test } from "bun:test";
import { liesBehind, nextOpenings } from "./openings.ts";

const nowMs = Date.parse("2026-11-23T08:05:00Z");
const schedule = {
  zone: "Europe/Paris",
  windows: [{ day: 1, from: "09:00", to: "12:00" }],
  closures: [],
  noticeMinutes: 60,
  horizonDays: 30,
};
const reasons = [{ reasonId: "rea_1", minutes: 20 }];

test("at most twenty starts, and due again when the first comes within the notice", () => {
  const { openings, dueMs } = nextOpenings({ schedule, reasons, busy: [], nowMs });
  expect(openings[0]?.starts).toHaveLength(20);
  expect(openings[0]?.starts[0]).toBe("2026-11-23T09:20:00.000Z");
  expect(new Date(dueMs - 1).toISOString()).toBe("2026-11-23T08:20:00.000Z");
  const later = nextOpenings({ schedule, reasons, busy: [], nowMs: dueMs });
  expect(later.openings[0]?.starts[0]).toBe("2026-11-23T09:40:00.000Z");
});

test("without openings, due at the next midnight of the doctor's zone", () => {
  const { openings, dueMs } = nextOpenings({ schedule: { ...schedule, windows: [] }, reasons, busy: [], nowMs });
  expect(openings).toEqual([{ reasonId: "rea_1", starts: [] }] as never);
  expect(new Date(dueMs).toISOString()).toBe("2026-11-23T23:00:00.000Z");
});

test("a time behind all published starts of every reason changes nothing; one among them, or a list that is not full, may", () => {
  const both = [...reasons, { reasonId: "rea_2", minutes: 30 }];
  const { openings } = nextOpenings({ schedule, reasons: both, busy: [], nowMs });
  const lastMs = Math.max(...openings.flatMap(({ starts }) => starts.map((start) => Date.parse(start))));
  const visit = (startMs: number) => ({ startMs, endMs: startMs + 20 * 60_000 });
  expect(liesBehind(openings, both, visit(lastMs))).toBe(false);
  expect(liesBehind(openings, both, visit(lastMs + 30 * 60_000))).toBe(true);
  expect(liesBehind(openings, reasons, visit(lastMs + 30 * 60_000))).toBe(false);
  const short = openings.map((one) => ({ ...one, starts: one.starts.slice(1) }));
  expect(liesBehind(short, both, visit(lastMs + 30 * 60_000))).toBe(false);
});

test("what was found in the near days is what a look at all days finds", () => {
  const busy = [{ startMs: nowMs, endMs: nowMs + 7 * 86_400_000 }];
  const whole = nextOpenings({ schedule, reasons, busy, nowMs });
  expect(nextOpenings({ schedule, reasons, busy, nowMs, days: 7 }).isFull).toBe(false);
  expect(nextOpenings({ schedule, reasons, busy, nowMs, days: 28 })).toEqual(whole);
});
