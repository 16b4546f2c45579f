import { afterEach, expect, test } from "bun:test";
import { setLocale } from "../i18n/i18n.ts";
import { criteriaOf, criteriaWords, weekdays } from "./criteria.ts";

afterEach(() => setLocale("en"));

test("what is not asked for is left out: no day or every day, any time, no last day", () => {
  expect(criteriaOf({ days: [], part: "any", until: "" })).toEqual({});
  expect(criteriaOf({ days: weekdays, part: "any", until: "" })).toEqual({});
  expect(criteriaOf({ days: [2, 4], part: "morning", until: "2026-11-30" })).toEqual({
    days: [2, 4],
    hours: { from: "00:00", to: "12:00" },
    until: "2026-11-30",
  });
});

test("criteria are said in words in both languages, also hours that no choice of this screen gives", () => {
  setLocale("fr");
  expect(criteriaWords({})).toBe("tous les jours");
  expect(criteriaWords(criteriaOf({ days: [2, 4], part: "morning", until: "2026-11-30" }))).toBe(
    "mardi, jeudi, le matin, jusqu’au lundi 30 novembre",
  );
  setLocale("en");
  expect(criteriaWords({ hours: { from: "09:30", to: "11:00" }, from: "2026-11-24" })).toBe(
    "any day, from 09:30 to 11:00, from Tuesday 24 November",
  );
});
