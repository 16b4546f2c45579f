import { describe, expect, test } from "bun:test";
import { blockerSchema, type Schedule } from "@episante/contracts/appointment";
import type { ReasonId } from "@episante/contracts/ids";
import fc from "fast-check";
import { addDays, type Interval, weekdayOf } from "./calendar.ts";
import { faultsOf } from "./hours.ts";
import { judgeOf, type OfferedReason, type Question, whyNotAt } from "./rules.ts";
import { freeSlots, nearestFree } from "./slots.ts";

const minuteMs = 60_000;
const zones = ["Europe/Paris", "America/Montreal", "Australia/Lord_Howe", "Asia/Kolkata"];
const [own, other] = ["rea_own", "rea_other"] as ReasonId[] as [ReasonId, ReasonId];
const two = (value: number) => String(value).padStart(2, "0");
const time = (minute: number) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
const minutesOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

// ── The slow, obvious reference: it reads the wall clock minute by minute and shares no code with the engine.

/** What the wall clock shows at every minute around a day, and the first instant it shows each. */
interface Clock {
  readonly shown: Map<number, string>;
  readonly first: Map<string, number>;
}
const clocks = new Map<string, Clock>();
function clockAround(zone: string, day: string): Clock {
  const key = `${zone} ${day}`;
  const known = clocks.get(key);
  if (known) return known;
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  const clock: Clock = { shown: new Map(), first: new Map() };
  const noon = Date.parse(`${day}T12:00:00Z`);
  for (let at = noon - 3 * 1440 * minuteMs; at <= noon + 3 * 1440 * minuteMs; at += minuteMs) {
    const wall = format.format(at);
    clock.shown.set(at, wall);
    if (!clock.first.has(wall)) clock.first.set(wall, at);
  }
  clocks.set(key, clock);
  return clock;
}
const wallText = (day: string, minute: number) => (minute >= 1440 ? `${addDays(day, 1)} ${time(minute - 1440)}` : `${day} ${time(minute)}`);
/** When a wall-clock time arrives, or the clock jumps over it. */
function arrival(clock: Clock, day: string, minute: number): number {
  let later = minute;
  while (!clock.first.has(wallText(day, later))) later++;
  return clock.first.get(wallText(day, later)) ?? 0;
}
const cross = (a: Interval, b: Interval) => a.startMs < b.endMs && b.startMs < a.endMs;
const mondayOf = (day: string) => addDays(day, 1 - weekdayOf(day));

type WallWindow = { from: string; to: string; reasonIds?: ReasonId[] | undefined };
function slowWindows({ schedule, closedDays = [] }: Question, day: string): WallWindow[] {
  if (schedule.closures.includes(day)) return [];
  for (const override of schedule.overrides ?? []) if (override.day === day) return override.windows;
  if (closedDays.some((closed) => closed.day === day)) return [];
  return schedule.windows.filter((window) => {
    if (window.day !== weekdayOf(day)) return false;
    if (window.validFrom && day < window.validFrom) return false;
    if (window.validTo && day > window.validTo) return false;
    if (!window.everyWeeks || !window.anchor) return true;
    // Walk from the anchor's week in whole rhythms until the date's week is reached or passed.
    let monday = mondayOf(window.anchor);
    while (monday > day) monday = addDays(monday, -7 * window.everyWeeks);
    while (addDays(monday, 6) < day) monday = addDays(monday, 7 * window.everyWeeks);
    return monday <= day;
  });
}

/** True when the visit may start here: every sentence of the rules, one after the other. */
function slowIsBookable(question: Question, clock: Clock, startMs: number): boolean {
  const { schedule, reason, nowMs, taken = [], absences = [], external = [], visitor = {}, byMember, sameReasonStarts = [] } = question;
  const day = clock.shown.get(startMs)?.slice(0, 10) ?? "";
  const today = clock.shown.get(Math.floor(nowMs / minuteMs) * minuteMs)?.slice(0, 10) ?? "";
  const visit = { startMs, endMs: startMs + reason.minutes * minuteMs };
  const around = {
    startMs: visit.startMs - (reason.bufferBeforeMinutes ?? 0) * minuteMs,
    endMs: visit.endMs + (reason.bufferAfterMinutes ?? 0) * minuteMs,
  };
  if (startMs <= nowMs) return false;
  if (absences.some((absence) => cross(absence, visit))) return false;
  if (!byMember && external.some((one) => cross(one, visit))) return false;
  if (taken.some((one) => cross(one, around))) return false;
  for (const type of question.resources ? (reason.resourceTypes ?? []) : []) {
    const some = (question.resources?.[type] ?? []).some((busy) => busy.every((one) => !cross(one, around)));
    if (!some) return false;
  }
  const fits = slowWindows(question, day).some((window) => {
    const opens = arrival(clock, day, minutesOf(window.from));
    const closes = arrival(clock, day, minutesOf(window.to));
    if (startMs < opens || visit.endMs > closes) return false;
    if (byMember) return true;
    if (window.reasonIds && !window.reasonIds.includes(reason.reasonId as ReasonId)) return false;
    for (let at = minutesOf(window.from); at < minutesOf(window.to); at += reason.minutes) {
      if (clock.first.get(wallText(day, at)) === startMs) return true;
    }
    return false;
  });
  if (!fits) return false;
  if (byMember) return true;
  if (!reason.isOnline) return false;
  if (startMs < nowMs + (reason.noticeMinutes ?? schedule.noticeMinutes) * minuteMs) return false;
  if (day > addDays(today, reason.horizonDays ?? schedule.horizonDays)) return false;
  if (reason.visitors === "new" && visitor.isKnown === true) return false;
  if (reason.visitors === "known" && visitor.isKnown === false) return false;
  if (visitor.birthDate) {
    let birthdays = 0;
    for (let year = Number(visitor.birthDate.slice(0, 4)) + 1; `${year}${visitor.birthDate.slice(4)}` <= day; year++) birthdays++;
    if (reason.minAge !== undefined && birthdays < reason.minAge) return false;
    if (reason.maxAge !== undefined && birthdays > reason.maxAge) return false;
  }
  const sameDay = sameReasonStarts.filter((start) => clock.shown.get(start)?.startsWith(day)).length;
  return reason.dailyCap === undefined || sameDay < reason.dailyCap;
}

/** Local days in 2024–2030 at whose middle the offset is another one than a day before. */
function changeDays(zone: string): string[] {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, timeStyle: "short" });
  const days = Array.from({ length: 2557 }, (_, index) => addDays("2024-01-01", index));
  return days.filter((day) => {
    const noon = Date.parse(`${day}T12:00:00Z`);
    return format.format(noon) !== format.format(noon - 1440 * minuteMs);
  });
}

// ── Questions at random, around a day.

const step = 5;
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const minuteOfDay = fc.oneof(
  // Half of them in the small hours, where clocks change.
  fc.integer({ min: 0, max: 60 / step }).map((count) => 60 + count * 2 * step),
  fc.integer({ min: 0, max: 1435 / step }).map((count) => count * step),
);
const reasonIds: fc.Arbitrary<ReasonId[] | undefined> = maybe(fc.constantFrom([own], [other], [own, other]));
const wallWindow = fc
  .record({ from: minuteOfDay, length: fc.integer({ min: 1, max: 80 }), reasonIds })
  .map(({ from, length, reasonIds }) => ({
    from: time(from),
    to: time(Math.min(1440, from + length * step)),
    ...(reasonIds ? { reasonIds } : {}),
  }));
const offsetMs = (days: number) =>
  fc.integer({ min: (-days * 1440) / step, max: (days * 1440) / step }).map((count) => count * step * minuteMs);
const stretchAround = (noon: number, longest: number) =>
  fc
    .record({ from: offsetMs(2), length: fc.integer({ min: 1, max: longest / step }) })
    .map(({ from, length }) => ({ startMs: noon + from, endMs: noon + from + length * step * minuteMs }));

const reasonAny: fc.Arbitrary<OfferedReason> = fc.record({
  reasonId: fc.constant<string>(own),
  minutes: fc.constantFrom(5, 10, 15, 20, 25, 30, 40, 45, 60, 90),
  isOnline: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
  bufferBeforeMinutes: fc.constantFrom(0, 0, 5, 10),
  bufferAfterMinutes: fc.constantFrom(0, 0, 5, 15),
  noticeMinutes: maybe(fc.constantFrom(0, 30, 120, 1440)),
  horizonDays: maybe(fc.constantFrom(1, 2, 30)),
  visitors: fc.constantFrom("all" as const, "all" as const, "new" as const, "known" as const),
  minAge: maybe(fc.constantFrom(0, 16, 18)),
  maxAge: maybe(fc.constantFrom(17, 25)),
  dailyCap: maybe(fc.constantFrom(1, 2)),
  resourceTypes: fc.constantFrom([], ["room"], ["room", "echo"]),
});

function questionAround(zone: string, day: string): fc.Arbitrary<Question> {
  const noon = Date.parse(`${day}T12:00:00Z`);
  const near = fc.integer({ min: -2, max: 2 }).map((count) => addDays(day, count));
  const weekly = fc
    .record({
      day: near.map(weekdayOf),
      wall: wallWindow,
      everyWeeks: maybe(fc.integer({ min: 1, max: 3 })),
      anchor: fc.integer({ min: -30, max: 30 }).map((count) => addDays(day, count)),
      validFrom: maybe(near),
      validTo: maybe(near),
    })
    .map(({ day: weekday, wall, everyWeeks, anchor, validFrom, validTo }) => ({
      day: weekday,
      ...wall,
      ...(everyWeeks ? { everyWeeks, anchor } : {}),
      ...(validFrom ? { validFrom } : {}),
      ...(validTo ? { validTo } : {}),
    }));
  const schedule = fc
    .record({
      zone: fc.constant(zone),
      windows: fc.array(weekly, { minLength: 1, maxLength: 9 }),
      overrides: fc.uniqueArray(fc.record({ day: near, windows: fc.array(wallWindow, { maxLength: 2 }) }), {
        maxLength: 1,
        selector: (override) => override.day,
      }),
      closures: fc.oneof({ weight: 4, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: near.map((one) => [one]) }),
      noticeMinutes: fc.constantFrom(0, 0, 60, 1440),
      horizonDays: fc.constantFrom(1, 60),
    })
    .map(withoutFaults);
  return fc.record({
    schedule,
    reason: reasonAny,
    nowMs: fc.oneof(
      { weight: 3, arbitrary: fc.constant(noon - 2 * 1440 * minuteMs) },
      offsetMs(1).map((ms) => noon + ms + 1),
    ),
    // One long time among short ones: what ends last is not what begins last.
    taken: fc
      .tuple(fc.array(stretchAround(noon, 60), { maxLength: 6 }), fc.array(stretchAround(noon, 1440), { maxLength: 2 }))
      .map((both) => both.flat()),
    absences: fc.array(stretchAround(noon, 600), { maxLength: 1 }),
    external: fc.array(stretchAround(noon, 240), { maxLength: 2 }),
    closedDays: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      near.map((one) => [{ day: one, name: "Fermé" }]),
    ),
    sameReasonStarts: fc.array(
      stretchAround(noon, step).map(({ startMs }) => startMs),
      { maxLength: 3 },
    ),
    resources: maybe(
      fc.record({
        room: fc.array(fc.array(stretchAround(noon, 240), { maxLength: 3 }), { maxLength: 2 }),
        echo: fc.array(fc.array(stretchAround(noon, 240), { maxLength: 1 }), { maxLength: 1 }),
      }),
    ),
    visitor: maybe(
      fc.record({
        birthDate: maybe(fc.constantFrom(`${Number(day.slice(0, 4)) - 18}${day.slice(4)}`, "1980-02-29", "2015-06-01")),
        isKnown: maybe(fc.boolean()),
      }),
    ),
    byMember: fc.constantFrom(false, false, true),
  });
}

/** Hours that could be stored: faulty windows are taken out. */
function withoutFaults(schedule: Schedule): Schedule {
  const paths = faultsOf(schedule).map(({ path }) => path);
  return {
    ...schedule,
    windows: schedule.windows.filter(
      (_, index) => !paths.some((path) => path.startsWith(`windows.${index}`) && !/\d/.test(path[`windows.${index}`.length] ?? "")),
    ),
    overrides: (schedule.overrides ?? []).filter((_, index) => !paths.some((path) => path.startsWith(`overrides.${index}`))),
  };
}

/** Codes of every explanation met. */
const met = new Set<string>();
/** Compares the engine with the reference at every fifth minute of three days; returns how many times were bookable. */
function compare(question: Question, day: string): number {
  const clock = clockAround(question.schedule.zone, day);
  const [fromDay, toDay] = [addDays(day, -1), addDays(day, 1)];
  const judge = judgeOf(question);
  const offered = [...freeSlots({ ...question, fromDay, toDay })].map((slot) => slot.startMs);
  const onGrid = new Set(offered);
  const bookable: number[] = [];
  for (const [at, wall] of clock.shown) {
    if (wall.slice(0, 10) < fromDay || wall.slice(0, 10) > toDay || at % (step * minuteMs) !== 0) continue;
    const expected = slowIsBookable(question, clock, at);
    const blockers = judge.all(at);
    for (const { code } of blockers) met.add(code);
    const first = judge.first(at);
    if (expected !== (first === undefined)) expect(`${wall}: ${first?.code}`).toBe(`${wall}: bookable is ${expected}`);
    expect(blockers[0]).toEqual(first);
    if (expected) bookable.push(at);
    else if (onGrid.has(at)) expect(`${wall} is offered`).toBe(`${wall} is not bookable: ${blockers[0]?.code}`);
  }
  // Members may start on any minute, so their list is a part of what they may book; a patient's list is all of it.
  if (!question.byMember) expect(offered).toEqual(bookable);
  expect(offered).toEqual([...new Set(offered)].sort((a, b) => a - b));
  return offered.length;
}

describe("lists, judgements and explanations agree with reading the wall clock minute by minute", () => {
  for (const zone of zones) {
    const changes = changeDays(zone);
    const days = changes.length > 0 ? changes : Array.from({ length: 14 }, (_, index) => addDays("2024-03-31", index * 182));
    test(`${zone}: around every clock change of 2024 to 2030`, () => {
      expect(changes).toHaveLength(zone === "Asia/Kolkata" ? 0 : 14);
      let offered = 0;
      for (const day of days) {
        fc.assert(
          fc.property(questionAround(zone, day), (question) => {
            offered += compare(question, day);
          }),
          { numRuns: 8 },
        );
        clocks.clear();
      }
      // The questions must not all be unanswerable.
      expect(offered).toBeGreaterThan(days.length * 8);
    });
  }

  test("the questions asked met every rule", () => {
    const codes = blockerSchema.options.map((option) => option.shape.code.value);
    // A hold is a taken time with another name, and a time that the clock skips has no instant: both are tested below.
    expect([...met].sort()).toEqual(codes.filter((code) => code !== "held" && code !== "clock-change-gap").sort());
  });
});

const week: Schedule = {
  zone: "Europe/Paris",
  windows: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: "09:00", to: "12:00" })),
  closures: [],
  noticeMinutes: 0,
  horizonDays: 365,
};
const visit: OfferedReason = { reasonId: own, minutes: 20, isOnline: true };
const question: Question = { schedule: week, reason: visit, nowMs: Date.parse("2026-11-23T07:00:00Z") };
const startsOn = (asked: Question, day: string) =>
  [...freeSlots({ ...asked, fromDay: day, toDay: day })].map((slot) => new Date(slot.startMs).toISOString().slice(0, 16));
const localStarts = (asked: Question, day: string) => {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: asked.schedule.zone, dateStyle: "short", timeStyle: "short" });
  return [...freeSlots({ ...asked, fromDay: day, toDay: day })].map((slot) => format.format(slot.startMs));
};
const whyAt = (asked: Question, at: string) => judgeOf(asked).all(Date.parse(at));
const taken = (start: string, end: string) => ({ startMs: Date.parse(start), endMs: Date.parse(end) });

describe("clock changes", () => {
  test("local starts and their number are the same on the days before, of and after every change of 2024 to 2030", () => {
    for (const zone of zones) {
      for (const change of changeDays(zone)) {
        for (const day of [-1, 0, 1].map((count) => addDays(change, count))) {
          const asked = { ...question, schedule: { ...week, zone }, nowMs: Date.parse(`${change}T00:00:00Z`) - 5 * 1440 * minuteMs };
          expect(localStarts(asked, day)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((count) => `${day} ${time(540 + count * 20)}`));
        }
      }
    }
  });

  test("a notice is real hours: one that spans the change ends an hour earlier or later on the wall", () => {
    const asked = (now: string) => ({ ...question, schedule: { ...week, noticeMinutes: 1440 }, nowMs: Date.parse(now) });
    // Saturday 10:00 summer time plus 24 hours is Sunday 09:00 winter time; in spring, Saturday 10:00 plus 24 hours is Sunday 11:00.
    expect(localStarts(asked("2026-10-24T08:00:00Z"), "2026-10-25")[0]).toBe("2026-10-25 09:00");
    expect(localStarts(asked("2026-03-28T09:00:00Z"), "2026-03-29")[0]).toBe("2026-03-29 11:00");
  });

  test("a time that the clock skips is explained as such, with the first instant after it", () => {
    const nights = { ...question, schedule: { ...week, windows: [{ day: 7, from: "01:00", to: "05:00" }] } };
    expect(whyNotAt(nights, "2027-03-28", 150)).toEqual([{ code: "clock-change-gap", resumesAt: "2027-03-28T01:00:00.000Z" }]);
    expect(whyNotAt(nights, "2027-03-28", 180)).toEqual([]);
    expect(localStarts(nights, "2027-03-28").slice(2, 5)).toEqual(["2027-03-28 01:40", "2027-03-28 03:00", "2027-03-28 03:20"]);
  });

  test("an hour shown twice is offered once, its second pass belongs to members", () => {
    const nights = {
      ...question,
      schedule: { ...week, windows: [{ day: 7, from: "02:00", to: "03:00" }] },
      reason: { ...visit, minutes: 30 },
    };
    expect(startsOn(nights, "2027-10-31")).toEqual(["2027-10-31T00:00", "2027-10-31T00:30"]);
    expect(whyAt(nights, "2027-10-31T01:00:00Z")[0]?.code).toBe("off-grid");
    expect(whyAt({ ...nights, byMember: true }, "2027-10-31T01:00:00Z")).toEqual([]);
  });
});

describe("days are those of the doctor's zone, not of the machine", () => {
  test("evening hours in Montreal, which are the next day in UTC, belong to their local day", () => {
    const evenings = { ...week, zone: "America/Montreal", windows: [{ day: 1, from: "20:00", to: "22:00" }] };
    const asked = { ...question, schedule: evenings, reason: { ...visit, minutes: 60 } };
    expect(startsOn(asked, "2026-11-30")).toEqual(["2026-12-01T01:00", "2026-12-01T02:00"]);
    expect(startsOn(asked, "2026-12-01")).toEqual([]);
    expect(startsOn({ ...asked, schedule: { ...evenings, closures: ["2026-12-01"] } }, "2026-11-30")).toHaveLength(2);
    expect(startsOn({ ...asked, schedule: { ...evenings, closures: ["2026-11-30"] } }, "2026-11-30")).toEqual([]);
  });

  test("when a doctor's zone changes, new times follow the new wall clock and booked visits stay where they are", () => {
    const booked = [{ ...taken("2026-11-24T08:00:00Z", "2026-11-24T08:20:00Z"), appointmentId: "apt_1" }];
    const before = { ...question, taken: booked };
    const after = { ...before, schedule: { ...week, zone: "Europe/London" } };
    expect(startsOn(before, "2026-11-24")[0]).toBe("2026-11-24T08:20");
    expect(startsOn(after, "2026-11-24")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((count) => `2026-11-24T${time(540 + count * 20)}`));
    expect(whyAt(after, "2026-11-24T08:00:00Z").map(({ code }) => code)).toEqual(["outside-hours", "taken"]);
  });
});

describe("hours", () => {
  test("every second week counts from the anchor's week, over the turn of the year", () => {
    const windows = [{ day: 1, from: "09:00", to: "09:20", everyWeeks: 2, anchor: "2026-12-17" }];
    const asked = { ...question, schedule: { ...week, windows } };
    const days = [...freeSlots({ ...asked, fromDay: "2026-12-01", toDay: "2027-02-01" })].map((slot) =>
      new Date(slot.startMs).toISOString(),
    );
    expect(days.map((day) => day.slice(0, 10))).toEqual(["2026-12-14", "2026-12-28", "2027-01-11", "2027-01-25"]);
  });

  test("one date is opened, moved or closed without touching the week; a closure of the clinic yields to it", () => {
    const overrides = [
      { day: "2026-11-28", windows: [{ from: "14:00", to: "15:00" }] },
      { day: "2026-11-30", windows: [] },
      { day: "2026-12-25", windows: [{ from: "10:00", to: "10:20" }] },
    ];
    const schedule = { ...week, windows: week.windows.slice(0, 5), overrides };
    const closedDays = ["2026-12-24", "2026-12-25"].map((day) => ({ day, name: "Noël" }));
    const asked = { ...question, schedule, closedDays };
    expect(localStarts(asked, "2026-11-28")).toEqual(["14:00", "14:20", "14:40"].map((at) => `2026-11-28 ${at}`));
    expect(whyAt(asked, "2026-11-30T08:00:00Z")).toEqual([{ code: "closed", by: "doctor" }]);
    expect(whyAt(asked, "2026-12-24T08:00:00Z")).toEqual([{ code: "closed", by: "clinic", name: "Noël" }]);
    expect(whyAt({ ...asked, byMember: true }, "2026-12-24T08:00:00Z")).toEqual([{ code: "closed", by: "clinic", name: "Noël" }]);
    expect(localStarts(asked, "2026-12-25")).toEqual(["2026-12-25 10:00"]);
  });

  test("hours kept for other reasons are not offered; members may use them", () => {
    const windows = [
      { day: 2, from: "09:00", to: "10:00", reasonIds: [other] },
      { day: 2, from: "10:00", to: "11:00" },
    ];
    const asked = { ...question, schedule: { ...week, windows } };
    expect(localStarts(asked, "2026-11-24")[0]).toBe("2026-11-24 10:00");
    expect(whyAt(asked, "2026-11-24T08:00:00Z")).toEqual([{ code: "reason-not-in-window", windows: [{ from: "10:00", to: "11:00" }] }]);
    expect(whyAt({ ...asked, byMember: true }, "2026-11-24T08:00:00Z")).toEqual([]);
  });

  test("may end at midnight, and a visit may not run on into the next day's hours", () => {
    const windows = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: "23:00", to: "24:00" }));
    const asked = { ...question, schedule: { ...week, windows }, reason: { ...visit, minutes: 40 } };
    expect(localStarts(asked, "2026-11-24")).toEqual(["2026-11-24 23:00"]);
  });
});

describe("buffers", () => {
  const buffered = { ...visit, minutes: 40, bufferBeforeMinutes: 5, bufferAfterMinutes: 10 };

  test("may overrun the end and the beginning of the hours; the visit may not", () => {
    const asked = { ...question, reason: { ...buffered, minutes: 60 } };
    expect(localStarts(asked, "2026-11-24")).toEqual(["09:00", "10:00", "11:00"].map((at) => `2026-11-24 ${at}`));
  });

  test("add up: the other visit's minutes and the own ones both count, touching ends do not overlap", () => {
    const around = {
      ...taken("2026-11-24T08:50:00Z", "2026-11-24T09:30:00Z"),
      visit: taken("2026-11-24T09:00:00Z", "2026-11-24T09:20:00Z"),
    };
    const asked = { ...question, reason: buffered, taken: [around], byMember: true };
    const code = (at: string) => whyAt(asked, at)[0]?.code;
    expect(code("2026-11-24T08:00:00Z")).toBeUndefined();
    expect(code("2026-11-24T08:01:00Z")).toBe("buffer");
    expect(code("2026-11-24T08:21:00Z")).toBe("taken");
    expect(code("2026-11-24T09:34:00Z")).toBe("buffer");
    expect(code("2026-11-24T09:35:00Z")).toBeUndefined();
    expect(whyAt(asked, "2026-11-24T09:30:00Z")).toEqual([
      { code: "buffer", start: "2026-11-24T08:50:00.000Z", end: "2026-11-24T09:30:00.000Z", beforeMinutes: 5, afterMinutes: 10 },
    ]);
  });
});

describe("who may book", () => {
  test("ages are completed years on the day of the visit, both limits inclusive", () => {
    const grown = { ...question, reason: { ...visit, minAge: 18, maxAge: 18 } };
    const code = (birthDate: string) => whyAt({ ...grown, visitor: { birthDate } }, "2026-11-24T08:00:00Z")[0]?.code;
    expect(code("2008-11-24")).toBeUndefined();
    expect(code("2008-11-25")).toBe("age");
    expect(code("2007-11-25")).toBeUndefined();
    expect(code("2007-11-24")).toBe("age");
  });

  test("what is not known of the visitor is not judged, members are not bound", () => {
    const reason = { ...visit, minAge: 18, visitors: "new" as const, isOnline: false, dailyCap: 1 };
    const sameReasonStarts = [Date.parse("2026-11-24T10:00:00Z")];
    const asked = { ...question, reason, sameReasonStarts };
    const codes = (more: Partial<Question>) => whyAt({ ...asked, ...more }, "2026-11-24T08:00:00Z").map(({ code }) => code);
    expect(codes({})).toEqual(["not-online", "daily-cap"]);
    expect(codes({ visitor: { birthDate: "2015-01-01", isKnown: true } })).toEqual(["not-online", "new-patients-only", "age", "daily-cap"]);
    expect(codes({ visitor: { birthDate: "2015-01-01", isKnown: true }, byMember: true })).toEqual([]);
  });

  test("a held time is told apart from a booked one, and a visit names its id", () => {
    const at = taken("2026-11-24T08:00:00Z", "2026-11-24T08:20:00Z");
    const facts = { start: "2026-11-24T08:00:00.000Z", end: "2026-11-24T08:20:00.000Z" };
    const ask = (one: object) => whyAt({ ...question, taken: [{ ...at, ...one }] }, "2026-11-24T08:00:00Z");
    expect(ask({ isHold: true })).toEqual([{ code: "held", ...facts }]);
    expect(ask({ appointmentId: "apt_1" })).toEqual([{ code: "taken", ...facts, appointmentId: "apt_1" as never }]);
  });
});

test("one free room or device of each kind is needed, for the visit with its buffers", () => {
  const reason = { ...visit, bufferAfterMinutes: 10, resourceTypes: ["room", "echo"] };
  const all = taken("2026-11-24T08:00:00Z", "2026-11-24T11:00:00Z");
  const cleaning = taken("2026-11-24T08:25:00Z", "2026-11-24T08:40:00Z");
  const ask = (resources: Question["resources"]) => whyAt({ ...question, reason, resources }, "2026-11-24T08:00:00Z");
  expect(ask({ room: [[all], []], echo: [[]] })).toEqual([]);
  expect(ask({ room: [[all], [cleaning]], echo: [[]] })).toEqual([{ code: "no-resource", types: ["room"] }]);
  expect(ask({ room: [[]] })).toEqual([{ code: "no-resource", types: ["echo"] }]);
});

test("alternatives are the nearest free times in order", () => {
  const wanted = Date.parse("2026-11-24T09:00:00Z");
  const found = nearestFree({ ...question, taken: [{ startMs: wanted, endMs: wanted + 20 * minuteMs }] }, wanted, 3);
  expect(found.map((slot) => new Date(slot.startMs).toISOString().slice(11, 16))).toEqual(["08:20", "08:40", "09:20"]);
});

test("times at the ends of the calendar are refused like any other, in every zone", () => {
  for (const zone of [...zones, "Pacific/Kiritimati", "Pacific/Pago_Pago"]) {
    const code = (at: string, byMember: boolean) =>
      whyAt({ ...question, schedule: { ...week, zone }, byMember }, at).map((one) => one.code);
    for (const byMember of [false, true]) {
      expect(code("0001-01-01T00:00:00Z", byMember)).toEqual(["in-past"]);
      expect(code("9999-12-31T23:59:59Z", byMember)).toEqual(["horizon"]);
    }
    for (const day of ["0001-01-01", "9999-12-31"])
      expect(whyNotAt({ ...question, schedule: { ...week, zone } }, day, 600)).toHaveLength(1);
  }
});
