import { expect, test } from "bun:test";
import type { Blocker } from "@episante/contracts/appointment";
import { locales, setLocale } from "../../../shared/i18n/i18n.ts";
import { blockerWords } from "./why-words.ts";

const start = "2026-01-14T11:00:00Z";
const end = "2026-01-14T11:20:00Z";
const windows = [{ from: "09:00", to: "12:00" }];
/** One of each code, and of each way it is said; the type names a code that is missing. */
const each: { readonly [Code in Blocker["code"]]: readonly Extract<Blocker, { code: Code }>[] } = {
  "in-past": [{ code: "in-past", now: start }],
  "clock-change-gap": [{ code: "clock-change-gap", resumesAt: "2026-03-29T01:00:00Z" }],
  closed: [
    { code: "closed", by: "doctor" },
    { code: "closed", by: "clinic" },
    { code: "closed", by: "clinic", name: "Noël" },
  ],
  "outside-hours": [
    { code: "outside-hours", windows },
    { code: "outside-hours", windows: [] },
  ],
  absent: [{ code: "absent", start, end }],
  external: [{ code: "external", start, end }],
  "reason-not-in-window": [
    { code: "reason-not-in-window", windows },
    { code: "reason-not-in-window", windows: [] },
  ],
  "off-grid": [{ code: "off-grid" }, { code: "off-grid", before: start }, { code: "off-grid", before: start, after: end }],
  notice: [{ code: "notice", minutes: 120, earliest: end }],
  horizon: [{ code: "horizon", days: 60, lastDay: "2026-03-15" }],
  "not-online": [{ code: "not-online" }],
  "new-patients-only": [{ code: "new-patients-only" }],
  "known-patients-only": [{ code: "known-patients-only" }],
  age: [
    { code: "age", min: 3 },
    { code: "age", max: 17 },
    { code: "age", min: 3, max: 17 },
  ],
  "daily-cap": [{ code: "daily-cap", cap: 4, booked: 4 }],
  taken: [{ code: "taken", start, end }],
  held: [{ code: "held", start, end }],
  buffer: [{ code: "buffer", start, end, beforeMinutes: 0, afterMinutes: 10 }],
  "no-resource": [{ code: "no-resource", types: ["ecg"] }],
};

test("every rule has a whole sentence of its own in both languages", () => {
  for (const locale of locales) {
    setLocale(locale);
    const said = Object.values(each)
      .flat()
      .map((blocker) => blockerWords(blocker, "Dr Morel", "Europe/Paris"));
    expect(new Set(said).size).toBe(said.length);
    for (const sentence of said) expect(sentence).toMatch(/^\p{Lu}[^{}]{10,}\.$/u);
  }
});

test("times are the clinic's, in words of the language on screen", () => {
  setLocale("fr");
  expect(blockerWords({ code: "taken", start, end }, "Dr Morel", "Europe/Paris")).toBe("Déjà pris de 12:00 à 12:20.");
  setLocale("en");
  expect(blockerWords({ code: "outside-hours", windows }, "Dr Morel", "Europe/Paris")).toBe(
    "Outside the hours of Dr Morel. This day: 09:00–12:00.",
  );
});
