import { describe, expect, test } from "bun:test";
import { daysOf, isFreedFor, isWanted, newlyOpen, offeredUntil, openHours, without } from "./waitlist.ts";

const zone = "Europe/Paris";
const at = (text: string) => Date.parse(text);
const between = (from: string, to: string) => ({ startMs: at(from), endMs: at(to) });
const minuteMs = 60_000;

describe("what somebody waits for", () => {
  const tuesdayNine = at("2026-11-24T08:00:00Z");

  test("weekday, hour and day are the doctor's wall clock's", () => {
    expect(isWanted({}, zone, tuesdayNine)).toBe(true);
    expect(isWanted({ days: [2] }, zone, tuesdayNine)).toBe(true);
    expect(isWanted({ days: [1, 3] }, zone, tuesdayNine)).toBe(false);
    expect(isWanted({ hours: { from: "09:00", to: "10:00" } }, zone, tuesdayNine)).toBe(true);
    expect(isWanted({ hours: { from: "08:00", to: "09:00" } }, zone, tuesdayNine)).toBe(false);
    // 00:30 on Wednesday in Lyon is still Tuesday in UTC.
    expect(isWanted({ days: [3], from: "2026-11-25" }, zone, at("2026-11-24T23:30:00Z"))).toBe(true);
    // The same hour before and after the clock change.
    for (const start of ["2026-03-27T08:00:00Z", "2026-03-30T07:00:00Z"])
      expect(isWanted({ hours: { from: "09:00", to: "09:01" } }, zone, at(start))).toBe(true);
  });

  test("first and last day are inclusive", () => {
    expect(isWanted({ from: "2026-11-24", until: "2026-11-24" }, zone, tuesdayNine)).toBe(true);
    expect(isWanted({ from: "2026-11-25" }, zone, tuesdayNine)).toBe(false);
    expect(isWanted({ until: "2026-11-23" }, zone, tuesdayNine)).toBe(false);
  });

  test("instead of a visit only earlier times are wanted, unless a last day is named; never the same time", () => {
    const visit = { startMs: tuesdayNine };
    expect(isWanted({}, zone, tuesdayNine - minuteMs, visit)).toBe(true);
    expect(isWanted({}, zone, tuesdayNine, visit)).toBe(false);
    expect(isWanted({}, zone, tuesdayNine + minuteMs, visit)).toBe(false);
    expect(isWanted({ until: "2026-11-30" }, zone, tuesdayNine + minuteMs, visit)).toBe(true);
    expect(isWanted({ until: "2026-11-30" }, zone, tuesdayNine, visit)).toBe(false);
  });
});

describe("until when a time is offered", () => {
  const asked = { noticeMinutes: 60, offerMinutes: 120, zone };
  const until = (now: string, start: string, more = {}) => {
    const ms = offeredUntil(at(now), at(start), { ...asked, ...more });
    return ms === null ? null : new Date(ms).toISOString();
  };

  test("as long as the doctor says, and never into the notice before the visit", () => {
    expect(until("2026-11-23T09:00:00Z", "2026-11-24T08:00:00Z")).toBe("2026-11-23T11:00:00.000Z");
    expect(until("2026-11-23T09:00:00Z", "2026-11-23T11:00:00Z")).toBe("2026-11-23T10:00:00.000Z");
  });

  test("an offer that nobody could read in time is not made", () => {
    expect(until("2026-11-23T09:56:00Z", "2026-11-23T11:00:00Z")).toBeNull();
    expect(until("2026-11-23T12:00:00Z", "2026-11-23T11:00:00Z")).toBeNull();
    expect(until("2026-11-23T09:55:00Z", "2026-11-23T11:00:00Z")).toBe("2026-11-23T10:00:00.000Z");
  });

  test("nobody has to answer at night: until nine o'clock of the doctor's zone", () => {
    expect(until("2026-11-23T19:30:00Z", "2026-11-25T08:00:00Z")).toBe("2026-11-24T08:00:00.000Z");
    expect(until("2026-11-23T23:30:00Z", "2026-11-25T08:00:00Z")).toBe("2026-11-24T08:00:00.000Z");
    // The night in which summer time begins.
    expect(until("2026-03-28T22:00:00Z", "2026-03-30T08:00:00Z")).toBe("2026-03-29T07:00:00.000Z");
    expect(until("2026-11-23T19:30:00Z", "2026-11-24T07:00:00Z")).toBe("2026-11-24T06:00:00.000Z");
  });

  test("without a limit of its own, until the notice", () => {
    expect(until("2026-11-23T09:00:00Z", "2026-11-24T08:00:00Z", { offerMinutes: Number.POSITIVE_INFINITY })).toBe(
      "2026-11-24T07:00:00.000Z",
    );
  });
});

describe("what was opened", () => {
  const schedule = { zone, windows: [{ day: 2, from: "09:00", to: "12:00" }], closures: [], noticeMinutes: 0, horizonDays: 60 };
  const reasons = ["rea_1", "rea_2"].map((reasonId) => ({ reasonId, minutes: 20, isOnline: true }));
  const nowMs = at("2026-11-23T07:00:00Z");
  const tuesday = between("2026-11-24T08:00:00Z", "2026-11-24T11:00:00Z");
  const before = openHours({ schedule, nowMs }, reasons, 6);

  test("hours of all reasons are kept once; absences and closed days are not open", () => {
    expect(before).toEqual([{ reasonIds: ["rea_1", "rea_2"], open: [tuesday] }]);
    const absences = [between("2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z")];
    expect(openHours({ schedule, nowMs, absences }, reasons, 6)[0]?.open).toEqual([
      between("2026-11-24T08:00:00Z", "2026-11-24T09:00:00Z"),
      between("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"),
    ]);
    expect(openHours({ schedule, nowMs, closedDays: [{ day: "2026-11-24", name: "x" }] }, reasons, 6)[0]?.open).toEqual([]);
  });

  test("the same hours open nothing, fewer hours open nothing, longer hours only what is new", () => {
    expect(newlyOpen(before, before)).toEqual([]);
    expect(newlyOpen(before, openHours({ schedule, nowMs, closedDays: [{ day: "2026-11-24", name: "x" }] }, reasons, 6))).toEqual([]);
    const longer = { ...schedule, windows: [{ day: 2, from: "08:00", to: "12:30" }] };
    expect(newlyOpen(before, openHours({ schedule: longer, nowMs }, reasons, 6))).toEqual([
      {
        reasonIds: ["rea_1", "rea_2"],
        open: [between("2026-11-24T07:00:00Z", "2026-11-24T08:00:00Z"), between("2026-11-24T11:00:00Z", "2026-11-24T11:30:00Z")],
      },
    ]);
  });

  test("a window that opens to one more reason is new for that reason only", () => {
    const kept = { ...schedule, windows: [{ day: 2, from: "09:00", to: "12:00", reasonIds: ["rea_1" as never] }] };
    const one = openHours({ schedule: kept, nowMs }, reasons, 6);
    expect(newlyOpen(one, before)).toEqual([{ reasonIds: ["rea_2"], open: [tuesday] }]);
    expect(newlyOpen(before, one)).toEqual([]);
  });

  test("a day that comes within the horizon is opened", () => {
    expect(newlyOpen(before, openHours({ schedule, nowMs: nowMs + 86_400_000 * 2 }, reasons, 6))).toEqual([
      { reasonIds: ["rea_1", "rea_2"], open: [between("2026-12-01T08:00:00Z", "2026-12-01T11:00:00Z")] },
    ]);
  });

  test("stretches less others: touching ends take nothing, a hole leaves two parts", () => {
    const one = { startMs: 0, endMs: 10 };
    expect(without([one], [{ startMs: 10, endMs: 20 }])).toEqual([one]);
    expect(without([one], [{ startMs: 3, endMs: 5 }])).toEqual([
      { startMs: 0, endMs: 3 },
      { startMs: 5, endMs: 10 },
    ]);
    expect(without([one], [{ startMs: -1, endMs: 11 }])).toEqual([]);
  });
});

describe("what was freed for whom", () => {
  const freed = [{ place: 5, ...between("2026-11-24T08:00:00Z", "2026-11-24T08:20:00Z") }];

  test("only who joined before it was freed waits for it", () => {
    const around = between("2026-11-24T08:00:00Z", "2026-11-24T08:40:00Z");
    expect(isFreedFor(freed, 4, "rea_1", around)).toBe(true);
    expect(isFreedFor(freed, 6, "rea_1", around)).toBe(false);
    expect(isFreedFor(freed, 4, "rea_1", between("2026-11-24T08:20:00Z", "2026-11-24T08:40:00Z"))).toBe(false);
    const opened = freed.map((one) => ({ ...one, reasonIds: ["rea_2"] }));
    expect(isFreedFor(opened, 4, "rea_1", around)).toBe(false);
    expect(isFreedFor(opened, 4, "rea_2", around)).toBe(true);
  });

  test("days are local, each once, with the evening before", () => {
    expect(daysOf([...freed, ...freed], zone)).toEqual(["2026-11-23", "2026-11-24"]);
    expect(daysOf([{ place: 1, ...between("2026-11-24T23:30:00Z", "2026-11-24T23:50:00Z") }], zone)).toEqual(["2026-11-24", "2026-11-25"]);
  });
});
