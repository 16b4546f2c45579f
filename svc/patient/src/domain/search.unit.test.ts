import { expect, test } from "bun:test";
import fc from "fast-check";
import { foldName, searchedDay, searchedPhone, searchWords } from "./search.ts";

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

test.each([
  ["3/4/1943", "1943-04-03"],
  ["03041943", "1943-04-03"],
  ["1943-04-03", "1943-04-03"],
  ["29/2/2023", undefined],
  ["morel 1943", undefined],
])("a date of birth in a search: %p", (query, day) => {
  expect(searchedDay(query)).toBe(day);
});
test.each([
  ["06 12 34 56 78", "612345678"],
  ["+33 6 12 34 56 78", "612345678"],
  ["345678", "345678"],
  ["000080", "000080"],
  ["02 123 45 67", "21234567"],
  ["12345", undefined],
  ["P1001234", undefined],
])("a phone number in a search, however it is written: %p", (query, digits) => {
  expect(searchedPhone(query)).toBe(digits);
});
