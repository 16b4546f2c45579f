import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  boxAround,
  decodeCursor,
  encodeCursor,
  parsePlace,
  plain,
  type Sort,
  searchKeys,
  searchWords,
  suggestSpecialties,
} from "./search.ts";

const doctor = (name: string, more: Partial<Parameters<typeof searchKeys>[0]> = {}) =>
  new Set(searchKeys({ name, specialty: null, reasons: [], ...more }));
/** How a query finds a doctor, as the database compares: the best answer counts. */
function found(query: string, keys: ReadonlySet<string>): "exact" | "close" | "no" {
  const words = searchWords(query);
  if (words.every(({ exact }) => exact.some((key) => keys.has(key)))) return "exact";
  return words.every(({ exact, close }) => [...exact, ...close].some((key) => keys.has(key))) ? "close" : "no";
}

const letter = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz");
const name = fc.array(letter, { minLength: 4, maxLength: 14 }).map((letters) => letters.join(""));
/** A name and the same with one wrong, missing, added or swapped letter. */
const mistyped = fc
  .tuple(name, fc.constantFrom("wrong", "missing", "added", "swapped"), fc.nat(), letter)
  .map(([right, kind, where, other]) => {
    const letters = [...right];
    const at = where % letters.length;
    if (kind === "wrong") letters.splice(at, 1, other);
    if (kind === "missing") letters.splice(at, 1);
    if (kind === "added") letters.splice(at, 0, other);
    if (kind === "swapped" && at + 1 < letters.length) letters.splice(at, 2, letters[at + 1] ?? "", letters[at] ?? "");
    return { right, typed: letters.join("") };
  });

/** Optimal string alignment distance, by the book. */
function distance(a: string, b: string): number {
  const d = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)));
  const get = (i: number, j: number) => d[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(get(i - 1, j) + 1, get(i, j - 1) + 1, get(i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, get(i - 2, j - 2) + 1);
      (d[i] as number[])[j] = best;
    }
  return get(a.length, b.length);
}

describe("a name of four letters or more", () => {
  test("is found with any one typing error, whichever letter, and with none", () => {
    fc.assert(
      fc.property(mistyped, ({ right, typed }) => {
        expect(found(typed, doctor(`Anna ${right}`))).not.toBe("no");
        expect(found(right, doctor(`Anna ${right}`))).toBe("exact");
      }),
      { numRuns: 2_000 },
    );
  });

  test("is not found with more: what is found lies one error from the name or from a beginning of five letters", () => {
    fc.assert(
      fc.property(name, name, (right, typed) => {
        if (searchWords(typed).length === 0 || found(typed, doctor(right)) !== "close") return;
        const beginnings = [...right].map((_, last) => right.slice(0, last + 1)).filter((part) => part.length >= 5);
        expect([right, ...beginnings].some((part) => distance(part, typed) <= 1)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("is found while it is typed, from every beginning, and from five letters on with an error in it", () => {
    fc.assert(
      fc.property(name, fc.nat(), (right, where) => {
        const length = 1 + (where % right.length);
        expect(found(right.slice(0, length), doctor(right))).toBe("exact");
      }),
    );
    for (const typed of ["lefv", "lefvr", "lefbvr", "efevre", "lfevr", "leefv"]) expect(found(typed, doctor("Zoé Lefèvre"))).toBe("close");
    expect(found("lexy", doctor("Zoé Lefèvre"))).toBe("no");
  });

  test("counts before what only resembles it", () => {
    expect(found("martin", doctor("Paul Martin"))).toBe("exact");
    expect(found("martin", doctor("Paul Marin"))).toBe("close");
    expect(found("martin", doctor("Paul Moreau"))).toBe("no");
  });
});

test("accents, case and ligatures do not matter, in either direction", () => {
  const keys = doctor("Zoé Lefèvre-O'Neil", { specialty: "endocrinology" });
  for (const query of ["zoe", "LEFEVRE", "Lefèvre", "o'neil", "diabète", "DIABETE", "endocrino", "lef zo"])
    expect(found(query, keys)).toBe("exact");
  for (const query of ["cœur", "coeur"]) expect(found(query, doctor("A B", { specialty: "cardiology" }))).toBe("exact");
  expect(found("soren", doctor("Søren Łukasz"))).toBe("exact");
});

test("a double name is found by either part, by both in any order, with hyphen, blank or neither", () => {
  const keys = doctor("Jean-Pierre Martin-Dubois");
  for (const query of [
    "dubois",
    "martin",
    "martin-dubois",
    "Martin Dubois",
    "dubois jean",
    "martindubois",
    "jeanpierre",
    "jean pierre dub",
  ])
    expect(found(query, keys)).toBe("exact");
  expect(found("martindubios", keys)).toBe("close");
});

test("titles and small words beside a name do not matter; alone they are the beginning of one", () => {
  for (const query of ["Dr Morel", "Docteur Claire Morel", "le dr. morel", "Mme Morel"])
    expect(found(query, doctor("Claire Morel"))).toBe("exact");
  expect(found("dr", doctor("Ida Drouet"))).toBe("exact");
  expect(found("dr", doctor("Claire Morel"))).toBe("no");
});

test("specialities are found in both languages, in everyday words and with a typing error, beside a name too", () => {
  const meant = (query: string, specialty: Parameters<typeof searchKeys>[0]["specialty"]) => found(query, doctor("A B", { specialty }));
  for (const query of ["médecin traitant", "médecin de famille", "généraliste", "family doctor", "GP", "médecin"])
    expect([query, meant(query, "general-practice")]).toEqual([query, "exact"]);
  expect(meant("médecin cardiologue", "cardiology")).toBe("exact");
  expect(meant("yeux", "ophthalmology")).toBe("exact");
  expect(meant("skin", "dermatology")).toBe("exact");
  expect(meant("cardiologe", "cardiology")).toBe("close");
  expect(meant("cardiologue", "dermatology")).toBe("no");
  expect(found("curie cardio", doctor("Marie Curie", { specialty: "cardiology" }))).toBe("exact");
  expect(found("marie dermato", doctor("Marie Curie", { specialty: "cardiology" }))).toBe("no");
  expect(suggestSpecialties("pédia")).toEqual(["paediatrics"]);
  expect(suggestSpecialties("dentiste")).toEqual([]);
});

test("visit reasons are found from the beginning of their words", () => {
  const keys = doctor("A B", { reasons: ["Vaccination de l'enfant", "Child's vaccination"] });
  expect(found("vacc enf", keys)).toBe("exact");
  expect(found("ccination", keys)).toBe("no");
});

test("letters with an accent and a ligature lose both", () => {
  expect(plain("Ǣsir Ǿrsted Œdème İnce Straße")).toBe("aesir orsted oedeme ince strasse");
});

test("plain text is stable and free of the marks of keys, of quotes and of pattern characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(plain(plain(text))).toBe(plain(text));
      expect(plain(text)).not.toMatch(/[%_\\?.#~"{},]/);
    }),
  );
});

test("keys stay few and short for the longest names and queries", () => {
  const keys = searchKeys({ name: `${"a".repeat(80)} ${"b-".repeat(30)}`, specialty: null, reasons: ["é".repeat(120)] });
  expect(keys.length).toBeLessThan(600);
  const words = searchWords("mot ".repeat(20) + "x".repeat(80));
  expect(words).toHaveLength(8);
});

test("a cursor leads back to its place, and only in its own order", () => {
  const doctorId = `doc_${"a".repeat(32)}`;
  const places = [
    ["name", "éa 1"],
    ["earliest", "2026-11-24T08:00:00.000Z"],
    ["earliest", "infinity"],
    ["distance", "1234"],
  ] as const satisfies readonly (readonly [Sort, string])[];
  for (const [sort, key] of places) {
    const cursor = encodeCursor(sort, { tier: 1, key, doctorId });
    expect(decodeCursor(cursor, sort)).toEqual({ tier: 1, key, doctorId });
    expect(decodeCursor(cursor, sort === "name" ? "distance" : "name")).toBeNull();
  }
  const forged = [
    ["earliest", "0", "now()", doctorId],
    ["distance", "0", "-1", doctorId],
    ["name", "2", "a", doctorId],
    ["name", "0", "a", "doc_1"],
  ].map((parts) => btoa(encodeURIComponent(parts.join("\n"))));
  for (const made of ["", "x", "%%%", btoa("a\nb"), ...forged]) {
    for (const sort of ["earliest", "distance", "name"] as const) expect(decodeCursor(made, sort)).toBeNull();
  }
});

test("a place off the globe is none", () => {
  expect(parsePlace("45.76,4.84")).toEqual({ lat: 45.76, lng: 4.84 });
  expect(parsePlace("91,0")).toBeNull();
  expect(parsePlace("0,181")).toBeNull();
});

test("the box around a radius holds every place within it, at the poles and the date line too", () => {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const place = fc.record({ lat: fc.double({ min: -90, max: 90, noNaN: true }), lng: fc.double({ min: -180, max: 180, noNaN: true }) });
  fc.assert(
    fc.property(
      place,
      fc.double({ min: 0.001, max: 5, noNaN: true }),
      fc.double({ min: 0, max: 360, noNaN: true }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (center, radius, bearing, part) => {
        const [lat, turn, far] = [radians(center.lat), radians(bearing), radians(radius * part)];
        const there = Math.asin(Math.sin(lat) * Math.cos(far) + Math.cos(lat) * Math.sin(far) * Math.cos(turn));
        const along = Math.atan2(Math.sin(turn) * Math.sin(far) * Math.cos(lat), Math.cos(far) - Math.sin(lat) * Math.sin(there));
        const lng = ((((center.lng + (along * 180) / Math.PI + 180) % 360) + 360) % 360) - 180;
        const box = boxAround(center, radius);
        const latitude = (there * 180) / Math.PI;
        expect(latitude).toBeWithin(box.south, box.north + 1e-9);
        expect(lng >= box.west && lng <= box.east).toBe(true);
      },
    ),
  );
  const box = boxAround({ lat: 45, lng: 5 }, 1);
  expect([box.south, box.north]).toEqual([expect.closeTo(44, 6), expect.closeTo(46, 6)]);
  // One degree of the globe is 1.414 degrees of longitude there.
  expect([box.west, box.east]).toEqual([expect.closeTo(3.586, 2), expect.closeTo(6.414, 2)]);
});
