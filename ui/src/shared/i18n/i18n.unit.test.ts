import { describe, expect, test } from "bun:test";
import { problemCodes } from "@episante/contracts/problem";
import { problemText } from "./common.ts";
import { fill, locales, setLocale } from "./i18n.ts";
import { frenchSpacing } from "./spacing.ts";

describe("problems", () => {
  test("every problem code has a human sentence in both languages that is not its code", () => {
    for (const locale of locales) {
      setLocale(locale);
      for (const code of [...problemCodes, "offline"] as const) {
        const sentence = problemText({ code, traceId: "" });
        expect(sentence, `${locale} ${code}`).not.toContain(code);
        expect(sentence.length).toBeGreaterThan(10);
      }
    }
  });
  test("an unknown code still gets a sentence, with the reference", () => {
    setLocale("en");
    expect(problemText({ code: "brand-new" as never, traceId: "4f1c" })).toBe(
      "The service does not respond as expected. Nothing was saved. Reference: 4f1c",
    );
  });
});

describe("filling a message", () => {
  test("French counts 0 and 1 as one, English only 1", () => {
    const fr = { one: "{n} médecin", other: "{n} médecins" };
    const en = { one: "{n} doctor", other: "{n} doctors" };
    expect([0, 1, 2].map((n) => fill(fr, "fr", { n }))).toEqual(["0 médecin", "1 médecin", "2 médecins"]);
    expect([0, 1, 2].map((n) => fill(en, "en", { n }))).toEqual(["0 doctors", "1 doctor", "2 doctors"]);
  });
  test("French marks get their no-break spaces from one place", () => {
    expect(frenchSpacing("Où ? Oui : « ici » ; 90 %")).toBe("Où\u202f? Oui\u00a0: «\u00a0ici\u00a0»\u202f; 90\u202f%");
    expect(frenchSpacing("Dossier n° {n}")).toBe("Dossier n°\u00a0{n}");
  });
  test("a value is never read as a placeholder", () => {
    expect(fill("{a} {b}", "en", { a: "{b}", b: "x" })).toBe("{b} x");
  });
});
