import { expect, test } from "bun:test";
import fc from "fast-check";
import { foldName, searchWords } from "./search.ts";

test("names are found without accents, hyphens and case", () => {
  expect(foldName("LEFÈVRE-d'Été")).toBe("lefevre d ete");
  expect(searchWords("  Éloïse   le Gall ")).toEqual(["eloise", "le", "gall"]);
});

test("no search word can be a pattern", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (query) => {
      const words = searchWords(query);
      expect(words.length).toBeLessThanOrEqual(6);
      expect(words.every((word) => !/[%_\\\s]/.test(word))).toBe(true);
    }),
  );
});
