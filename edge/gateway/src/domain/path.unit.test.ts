import { expect, test } from "bun:test";
import fc from "fast-check";
import { isPlainPath, segmentsOf } from "./path.ts";

test("ordinary segments pass", () => {
  expect(isPlainPath(["api", "auth", ".well-known", "jwks.json"])).toBe(true);
  expect(isPlainPath(["api", "appointments", "apt_0190.ics"])).toBe(true);
  expect(isPlainPath(["médecins", "lyon 3"])).toBe(true);
});

test("dot segments, separators, parameters, controls and second encodings do not", () => {
  for (const segment of ["", ".", "..", "a/b", "a\\b", "a;x", "a\0", "a\r\n", "%2e", "\u007f", "\ufffd", "x".repeat(1025)]) {
    expect(isPlainPath(["api", segment])).toBe(false);
  }
});

test("a plain path says the same after any further encoding round", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (segments) => {
      fc.pre(isPlainPath(segments));
      const url = new URL(`/${segments.map((segment) => encodeURIComponent(segment.toWellFormed())).join("/")}`, "http://x");
      fc.pre(segments.every((segment) => segment.isWellFormed()));
      expect(segmentsOf(url.pathname)).toEqual(segments);
    }),
  );
});

test("a trailing slash is ignored, a broken encoding is not a path", () => {
  expect(segmentsOf("/")).toEqual([]);
  expect(segmentsOf("/api/docs/")).toEqual(["api", "docs"]);
  expect(segmentsOf("/api/%zz")).toBeNull();
  expect(segmentsOf("//")).toBeNull();
});
