import { describe, expect, test } from "bun:test";
import { dateFaults, datesOf, lineFaults, overlapsOf, overridesOf, readTime, usualHours, windowsOf } from "./hours-form.ts";

describe("a time of day", () => {
  test("is read as people type it", () => {
    for (const text of ["9", "9h", "9 h", "09:00", "9:00", "0900", " 9h00 "]) expect([text, readTime(text)]).toEqual([text, "09:00"]);
    expect(readTime("17h45")).toBe("17:45");
    expect(readTime("24:00")).toBe("24:00");
  });
  test("is refused when it is none", () => {
    for (const text of ["", "25", "9:60", "24:30", "soir", "9:5", "-1"]) expect([text, readTime(text)]).toEqual([text, undefined]);
  });
});

describe("the lines of a week", () => {
  test("each fault is found on its own line, and touching hours are fine", () => {
    const faults = lineFaults([
      { day: 1, from: "9", to: "12" },
      { day: 1, from: "12", to: "14" },
      { day: 1, from: "11", to: "13" },
      { day: 2, from: "18", to: "9" },
      { day: 3, from: "", to: "12" },
      { day: 2, from: "9", to: "12" },
    ]);
    expect([...faults]).toEqual([
      [2, "overlap"],
      [3, "order"],
      [4, "time"],
    ]);
  });
  test("a rhythm needs a week to count from, a validity its days in order", () => {
    const faults = lineFaults([
      { day: 1, from: "9", to: "12", everyWeeks: 2 },
      { day: 1, from: "14", to: "18", everyWeeks: 2, anchor: "2026-11-23" },
      { day: 2, from: "9", to: "12", validFrom: "2026-12-01", validTo: "2026-11-30" },
      { day: 3, from: "9", to: "12", validFrom: "2026-12-01", validTo: "2026-12-01" },
    ]);
    expect([...faults]).toEqual([
      [0, "anchor"],
      [2, "valid"],
    ]);
  });
  test("hours of other weeks or dates may share a time of day: the server compares them", () => {
    const odd = { day: 1, from: "9", to: "12", everyWeeks: 2, anchor: "2026-11-23" };
    expect(lineFaults([odd, { ...odd, anchor: "2026-11-30" }]).size).toBe(0);
    expect(lineFaults([{ day: 1, from: "9", to: "12" }, odd]).size).toBe(0);
  });
  test("become windows with all their rules, in the order of the lines", () => {
    expect(
      windowsOf([
        { day: 2, from: "14h", to: "18h", everyWeeks: 1, anchor: "2026-11-24", reasonIds: [] },
        { day: 1, from: "9", to: "12h30", everyWeeks: 2, anchor: "2026-11-23", validFrom: "", validTo: "2027-01-01", reasonIds: ["rea_1"] },
      ]),
    ).toEqual([
      { day: 2, from: "14:00", to: "18:00" },
      {
        day: 1,
        from: "09:00",
        to: "12:30",
        everyWeeks: 2,
        anchor: "2026-11-23",
        validTo: "2027-01-01",
        reasonIds: ["rea_1"] as unknown as [],
      },
    ]);
    expect(lineFaults(usualHours()).size).toBe(0);
  });
  test("which lines meet others is read from what the server says of a draft", () => {
    const errors = [{ path: "schedule.windows.3" }, { path: "windows.1" }, { path: "windows.2.anchor" }, { path: "overrides.0.windows.1" }];
    expect([...overlapsOf({ errors })]).toEqual([3, 1]);
    expect(overlapsOf(undefined).size).toBe(0);
  });
  test("what was stored comes back as it was", () => {
    const stored = [{ day: 1, from: "09:00", to: "12:00", everyWeeks: 2, anchor: "2026-11-23", validFrom: "2026-01-01" }];
    expect(windowsOf(stored)).toEqual(stored);
  });
});

describe("hours of single dates", () => {
  const dates = [
    {
      day: "2026-12-24",
      spans: [
        { from: "9", to: "12" },
        { from: "11", to: "13" },
      ],
    },
    { day: "2026-12-31", spans: [] },
  ];
  test("faults name the date and its line", () => {
    expect([...dateFaults(dates)]).toEqual([["0.1", "overlap"]]);
  });
  test("a date without hours is kept as one; dates that are over are not", () => {
    const overrides = overridesOf([
      { day: "2026-12-31", spans: [] },
      { day: "2026-12-24", spans: [{ from: "9", to: "12" }] },
    ]);
    expect(overrides).toEqual([
      { day: "2026-12-31", windows: [] },
      { day: "2026-12-24", windows: [{ from: "09:00", to: "12:00" }] },
    ]);
    expect(datesOf(overrides, "2026-12-24").map(({ day }) => day)).toEqual(["2026-12-24", "2026-12-31"]);
    expect(datesOf(overrides, "2026-12-25").map(({ day }) => day)).toEqual(["2026-12-31"]);
    expect(datesOf(undefined, "2026-12-25")).toEqual([]);
  });
});
