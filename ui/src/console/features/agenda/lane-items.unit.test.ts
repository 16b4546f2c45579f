import { describe, expect, test } from "bun:test";
import type { Schedule } from "@episante/contracts/appointment";
import { laneItems, type Taking } from "./lane-items.ts";
import { openingsOf } from "./openings.ts";

const shown = { from: 480, minutes: 600 };
const visit = (from: number, to: number, around: Partial<Taking> = {}): Taking => ({
  kind: "visit",
  key: `apt_${from}`,
  from,
  to,
  ...around,
});
const brief = (items: ReturnType<typeof laneItems>) => items.map(({ kind, from, to }) => `${kind} ${from}-${to}`);

describe("what a lane shows", () => {
  test("free times follow each other from the window's start, and anew behind each visit", () => {
    const items = laneItems({ openings: [[540, 640]], shown, taken: [visit(560, 590)], step: 20, notBefore: 0 });
    expect(brief(items)).toEqual([
      "closed 480-540",
      "free 540-560",
      "visit 560-590",
      "free 590-610",
      "free 610-630",
      "gap 630-640",
      "closed 640-1080",
    ]);
  });
  test("what has gone by is one block, and is not free", () => {
    const items = laneItems({ openings: [[540, 640]], shown, taken: [], step: 20, notBefore: 565 });
    expect(brief(items).filter((text) => /free|past/.test(text))).toEqual(["past 540-580", "free 580-600", "free 600-620", "free 620-640"]);
    const over = laneItems({ openings: [[540, 640]], shown, taken: [], step: 20, notBefore: 1440 });
    expect(brief(over)).toEqual(["closed 480-540", "past 540-640", "closed 640-1080"]);
  });
  test("minutes around a visit are not offered", () => {
    const items = laneItems({ openings: [[540, 640]], shown, taken: [visit(560, 580, { before: 10, after: 20 })], step: 20, notBefore: 0 });
    expect(brief(items).filter((text) => text.startsWith("free"))).toEqual(["free 600-620", "free 620-640"]);
  });
  test("an overbooked visit hides nothing and frees nothing twice", () => {
    const items = laneItems({
      openings: [[540, 600]],
      shown,
      taken: [visit(540, 560), { ...visit(545, 565), key: "b" }],
      step: 20,
      notBefore: 0,
    });
    expect(brief(items)).toEqual(["closed 480-540", "visit 540-560", "visit 545-565", "free 565-585", "gap 585-600", "closed 600-1080"]);
  });
  test("an absence of days is drawn within the hours on screen, and nothing is free under it", () => {
    const away: Taking = { kind: "absent", key: "absent-1", from: 0, to: 1440 };
    expect(brief(laneItems({ openings: [[540, 600]], shown, taken: [away], step: 20, notBefore: 0 }))).toEqual([
      "closed 480-540",
      "absent 480-1080",
      "closed 600-1080",
    ]);
  });
  test("without known hours nothing is offered and nothing is called closed", () => {
    expect(brief(laneItems({ openings: undefined, shown, taken: [visit(560, 580)], step: 20, notBefore: 0 }))).toEqual(["visit 560-580"]);
  });
});

describe("opening hours of a day", () => {
  const schedule: Schedule = {
    zone: "Europe/Paris",
    windows: [
      { day: 1, from: "14:00", to: "18:00" },
      { day: 1, from: "09:00", to: "12:30" },
      { day: 2, from: "09:00", to: "12:00", everyWeeks: 2, anchor: "2026-01-13" },
      { day: 3, from: "09:00", to: "12:00", validFrom: "2026-01-14", validTo: "2026-01-20" },
    ],
    overrides: [
      { day: "2026-01-26", windows: [{ from: "10:00", to: "11:00" }] },
      { day: "2026-02-02", windows: [] },
    ],
    closures: ["2026-01-19"],
    noticeMinutes: 0,
    horizonDays: 60,
  };
  const both = [
    [540, 750],
    [840, 1080],
  ] as const;
  test.each([
    ["in order, whatever their order in the schedule", "2026-01-12", false, both],
    ["none on a closure of the doctor", "2026-01-19", false, []],
    ["an override replaces them", "2026-01-26", false, [[600, 660]]],
    ["an override without windows closes", "2026-02-02", false, []],
    ["none on a closure of the clinic", "2026-01-12", true, []],
    ["an override opens a closure of the clinic", "2026-01-26", true, [[600, 660]]],
    ["every second week: on", "2026-01-27", false, [[540, 720]]],
    ["every second week: off", "2026-01-20", false, []],
    ["every second week, before the anchor", "2025-12-30", false, [[540, 720]]],
    ["first day of validity", "2026-01-14", false, [[540, 720]]],
    ["after the last day of validity", "2026-01-21", false, []],
  ] as const)("%s", (_, day, isClosed, expected) => {
    expect(openingsOf(schedule, day, isClosed)).toEqual(expected as never);
  });
});
