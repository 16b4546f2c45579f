import { describe, expect, test } from "bun:test";
import { lineFaults, readTime, usualHours, windowsOf } from "./hours-form.ts";

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
  test("become windows in the order of the week", () => {
    expect(
      windowsOf([
        { day: 2, from: "14h", to: "18h" },
        { day: 1, from: "9", to: "12h30" },
      ]),
    ).toEqual([
      { day: 1, from: "09:00", to: "12:30" },
      { day: 2, from: "14:00", to: "18:00" },
    ]);
    expect(lineFaults(usualHours()).size).toBe(0);
  });
});
