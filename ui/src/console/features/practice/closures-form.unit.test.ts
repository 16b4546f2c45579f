import { describe, expect, test } from "bun:test";
import { closureFaults, formatOf, withClosure } from "./closures-form.ts";

describe("a day to close", () => {
  const known = [{ day: "2026-12-25", name: "Noël" }];
  test("needs a day that is not on the list and a name", () => {
    expect(closureFaults({ day: "", name: " " }, known)).toEqual({ day: "day", name: "name" });
    expect(closureFaults({ day: "2026-12-25", name: "x".repeat(101) }, known)).toEqual({ day: "twice", name: "name" });
    expect(closureFaults({ day: "2026-12-26", name: "x".repeat(100) }, known)).toEqual({});
  });
  test("takes its place in the order of days", () => {
    expect(withClosure(known, { day: "2026-11-11", name: " Armistice " }).map(({ name }) => name)).toEqual(["Armistice", "Noël"]);
    expect(withClosure(known, { day: "2026-12-25", name: "Fête" })).toEqual([{ day: "2026-12-25", name: "Fête" }]);
  });
});

test("a file is a calendar or a table by its name, or by how it begins", () => {
  expect(formatOf("feries.ICS", "")).toBe("ics");
  expect(formatOf("feries.csv", "day;name")).toBe("csv");
  expect(formatOf("feries.txt", "\ufeffBEGIN:VCALENDAR\r\n")).toBe("ics");
  expect(formatOf("feries.pdf", "%PDF")).toBeUndefined();
});
