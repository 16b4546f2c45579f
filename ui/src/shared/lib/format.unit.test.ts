import { afterEach, describe, expect, test } from "bun:test";
import { type Locale, setLocale } from "../i18n/i18n.ts";
import * as format from "./format.ts";

const paris = "Europe/Paris";
const visit = "2026-01-13T08:20:00Z";
const inLocale = (locale: Locale) => setLocale(locale);
afterEach(() => inLocale("fr"));

describe("times and dates", () => {
  test("a French time has narrow no-break spaces and no 'h 00'", () => {
    inLocale("fr");
    expect(format.time(visit, paris)).toBe("9\u202fh\u202f20");
    expect(format.time("2026-01-13T10:00:00Z", paris)).toBe("11\u202fh");
  });
  test("an English time is 24-hour with two digits", () => {
    inLocale("en");
    expect(format.time(visit, paris)).toBe("09:20");
    expect(format.time("2026-01-12T23:00:00Z", paris)).toBe("00:00");
  });
  test("dates name the weekday and never stand as numbers alone", () => {
    inLocale("fr");
    expect(format.dateLong(visit, paris)).toBe("mardi 13 janvier 2026");
    expect(format.dateTime(visit, paris)).toBe("mardi 13 janvier à 9\u202fh\u202f20");
    inLocale("en");
    expect(format.dateLong(visit, paris)).toBe("Tuesday 13 January 2026");
    expect(format.dateTime(visit, paris)).toBe("Tuesday 13 January at 09:20");
  });
  test("times follow the site's zone, whatever the device's", () => {
    inLocale("en");
    expect(format.clock(visit, "Pacific/Auckland")).toBe("21:20");
    expect(format.dayOf("2026-01-13T23:30:00Z", paris)).toBe("2026-01-14");
  });
  test("a day on which the clocks change shows the offset", () => {
    inLocale("fr");
    expect(format.isClockChangeDay("2026-10-25T08:00:00Z", paris)).toBe(true);
    expect(format.isClockChangeDay("2026-10-26T08:00:00Z", paris)).toBe(false);
    expect(format.dateTime("2026-10-25T08:00:00Z", paris)).toContain("(UTC+1)");
  });
  test("the machine form carries the site's offset", () => {
    expect(format.machineTime(visit, paris)).toBe("2026-01-13T09:20+01:00");
    expect(format.machineTime("2026-07-13T08:20:00Z", paris)).toBe("2026-07-13T10:20+02:00");
    expect(format.machineTime("2026-01-13T08:20:00Z", "America/St_Johns")).toBe("2026-01-13T04:50-03:30");
  });
  test("tomorrow is named as such in the site's calendar", () => {
    inLocale("fr");
    expect(format.relativeDay(visit, paris, Date.parse("2026-01-12T12:00:00Z"))).toBe("Demain, mardi 13 janvier");
    expect(format.relativeDay(visit, paris, Date.parse("2026-01-10T12:00:00Z"))).toBe("Mardi 13 janvier");
  });
  test("a period of days is written once per part it shares", () => {
    inLocale("fr");
    expect(format.dateRange("2026-01-12T12:00:00Z", "2026-01-16T12:00:00Z", "UTC")).toBe("12\u00a0– 16 janvier 2026");
    expect(format.dateRange("2026-01-26T12:00:00Z", "2026-02-01T12:00:00Z", "UTC")).toBe("26 janvier\u00a0– 1 février 2026");
  });
  test("weeks begin on Monday", () => {
    expect(format.mondayOf("2026-01-18")).toBe("2026-01-12");
    expect(format.mondayOf("2026-01-12")).toBe("2026-01-12");
    expect(format.addDays("2026-02-28", 1)).toBe("2026-03-01");
  });
});

describe("ages, numbers and units", () => {
  const now = Date.parse("2026-01-13T12:00:00Z");
  test("ages are relative up to 59 minutes, then a clock, then a date", () => {
    inLocale("fr");
    expect(format.age(now - 4_000, paris, now)).toBe("il y a 4\u00a0s");
    expect(format.age(now - 59 * 60_000, paris, now)).toBe("il y a 59\u00a0min");
    expect(format.age(now - 4 * 3_600_000, paris, now)).toBe("à 9\u202fh");
    inLocale("en");
    expect(format.age(now - 26 * 3_600_000, paris, now)).toBe("on Mon 12 Jan at 11:00");
  });
  test("an age is never negative when the device's clock is wrong", () => {
    inLocale("en");
    expect(format.age(now + 60_000, paris, now)).toBe("just now");
  });
  test("numbers have a decimal comma in French and units stay with them", () => {
    inLocale("fr");
    expect(format.quantity(37.4, "Cel")).toBe("37,4\u202f°C");
    expect(format.quantity(97, "%")).toBe("97\u202f%");
    inLocale("en");
    expect(format.quantity(37.4, "Cel")).toBe("37.4\u202f°C");
    expect(format.quantity(120, "{steps}")).toBe("120");
    expect(format.toldReading({ value: 97.5, unit: "%" })).toEqual(["97.5", "%"]);
    expect(format.toldReading({ value: "LO", unit: "mg/dL" })).toEqual(["Too low to measure", ""]);
    expect(format.toldReading({ value: "A", unit: "1" })).toEqual(["Alert", ""]);
    expect(format.toldReading({ value: "new", unit: "1" })).toEqual(["new", ""]);
  });
  test("distances are metres below a kilometre", () => {
    inLocale("fr");
    expect(format.distance(0.85)).toBe("850\u00a0m");
    expect(format.distance(1.42)).toBe("1,4\u00a0km");
    expect(format.distance(0)).toBe("50\u00a0m");
  });
  test("a countdown rounds up and stops at zero", () => {
    expect(format.countdown(252_000)).toBe("4:12");
    expect(format.countdown(1)).toBe("0:01");
    expect(format.countdown(-5)).toBe("0:00");
  });
  test("a person's age changes on the birthday", () => {
    expect(format.years("1943-04-03", Date.parse("2026-04-02T12:00:00Z"))).toBe(82);
    expect(format.years("1943-04-03", Date.parse("2026-04-03T12:00:00Z"))).toBe(83);
  });
});
