import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { problemCodes } from "@episante/contracts/problem";
import { patientEn } from "../../patient/i18n/en.ts";
import { patientFr } from "../../patient/i18n/fr.ts";
import { problemText } from "./common.ts";
import { commonEn } from "./en.ts";
import { commonFr } from "./fr.ts";
import { type Dictionary, fill, locales, type Message, setLocale } from "./i18n.ts";
import { frenchSpacing } from "./spacing.ts";

const pairs: [string, Dictionary, Dictionary][] = [
  ["common", commonFr, commonEn],
  ["patient", patientFr, patientEn],
];
const texts = (message: Message): string[] => (typeof message === "string" ? [message] : [message.one, message.other]);
const names = (message: Message): string[] => [...new Set(texts(message).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

describe("dictionaries", () => {
  for (const [name, fr, en] of pairs) {
    test(`${name}: both languages have the same keys`, () => {
      expect(Object.keys(en).sort()).toEqual(Object.keys(fr).sort());
    });
    test(`${name}: both languages use the same placeholders`, () => {
      const differing = Object.keys(fr).filter((key) => names(fr[key] ?? "").join() !== names(en[key] ?? "").join());
      expect(differing).toEqual([]);
    });
    test(`${name}: no text is empty, shouts or hedges a plural with "(s)"`, () => {
      const bad = [fr, en].flatMap((words) =>
        Object.entries(words).flatMap(([key, message]) =>
          texts(message)
            .filter((text) => text.trim() === "" || /!|\(s\)|oups|oops/i.test(text))
            .map(() => key),
        ),
      );
      expect(bad).toEqual([]);
    });
  }

  test("every key used in a screen exists, and every key of the patient app is used", () => {
    const root = join(import.meta.dir, "../..");
    const sources = ["patient", "shared"]
      .flatMap((folder) => files(join(root, folder)))
      .filter((path) => !/i18n\/(fr|en)\.ts$|\.test\./.test(path));
    const code = sources.map((path) => readFileSync(path, "utf8")).join("\n");
    const known = new Set([...Object.keys(patientFr), ...Object.keys(commonFr)]);
    const used = [...code.matchAll(/\bt(?:c)?\(\s*(?:[^()"`]*\? )?"([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(used.filter((key) => !known.has(key))).toEqual([]);
    const families = [...code.matchAll(/`([a-zA-Z.]+\.)\$\{/g)].map((match) => match[1] ?? "");
    const unused = Object.keys(patientFr).filter((key) => !code.includes(`"${key}"`) && !families.some((family) => key.startsWith(family)));
    expect(unused).toEqual([]);
  });

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
    const fr = patientFr["search.count"];
    const en = patientEn["search.count"];
    expect([0, 1, 2].map((n) => fill(fr, "fr", { n }))).toEqual(["0 médecin", "1 médecin", "2 médecins"]);
    expect([0, 1, 2].map((n) => fill(en, "en", { n }))).toEqual(["0 doctors", "1 doctor", "2 doctors"]);
  });
  test("French marks get their no-break spaces from one place", () => {
    expect(frenchSpacing("Où ? Oui : « ici » ; 90 %")).toBe("Où\u202f? Oui\u00a0: «\u00a0ici\u00a0»\u202f; 90\u202f%");
  });
  test("a value is never read as a placeholder", () => {
    expect(fill("{a} {b}", "en", { a: "{b}", b: "x" })).toBe("{b} x");
  });
});

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(folder, entry.name)) : /\.tsx?$/.test(entry.name) ? [join(folder, entry.name)] : [],
  );
}
