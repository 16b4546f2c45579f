import { expect, test } from "bun:test";
import fc from "fast-check";
import { decodeCursor, encodeCursor, parsePlace, plain, searchText, searchWords } from "./search.ts";

const finds = (query: string, text: string) => searchWords(query).every((word) => text.includes(` ${word}`));

test("accents, case and ligatures do not matter, in either direction", () => {
  const text = searchText("Zoé Lefèvre-O'Neil", "endocrinology");
  for (const query of ["zoe", "LEFEVRE", "Lefèvre", "o'neil", "diabète", "DIABETE", "endocrino", "lef zo"])
    expect(finds(query, text)).toBe(true);
  expect(finds("cœur", searchText("A B", "cardiology"))).toBe(true);
  expect(finds("coeur", searchText("A B", "cardiology"))).toBe(true);
});

test("words match from their beginning, and all must match", () => {
  const text = searchText("Marie Curie", "cardiology");
  expect(finds("urie", text)).toBe(false);
  expect(finds("marie dermato", text)).toBe(false);
});

test("plain text is stable and free of pattern characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(plain(plain(text))).toBe(plain(text));
      expect(plain(text)).not.toMatch(/[%_\\]/);
    }),
  );
});

test("a cursor leads back to its place, and only in its own order", () => {
  const doctorId = `doc_${"a".repeat(32)}`;
  const cursor = encodeCursor("name", "éa 1", doctorId);
  expect(decodeCursor(cursor, "name")).toEqual({ key: "éa 1", doctorId });
  expect(decodeCursor(cursor, "distance")).toBeNull();
  for (const made of ["", "x", "%%%", btoa("a\nb")]) expect(decodeCursor(made, "name")).toBeNull();
});

test("a place off the globe is none", () => {
  expect(parsePlace("45.76,4.84")).toEqual({ lat: 45.76, lng: 4.84 });
  expect(parsePlace("91,0")).toBeNull();
  expect(parsePlace("0,181")).toBeNull();
});
