import { expect, test } from "bun:test";
import { isInFeed, isSameTag } from "./feed.ts";

const day = 86_400_000;

test("a cancelled visit is told for 30 days, one entered in error never, any other always", () => {
  const now = 100 * day;
  expect(isInFeed({ status: "cancelled", cancelledMs: now - 30 * day + 1 }, now)).toBe(true);
  expect(isInFeed({ status: "cancelled", cancelledMs: now - 30 * day }, now)).toBe(false);
  expect(isInFeed({ status: "entered-in-error", cancelledMs: null }, now)).toBe(false);
  for (const status of ["pending", "booked", "arrived", "checked-in", "fulfilled", "noshow"])
    expect(isInFeed({ status, cancelledMs: null }, now)).toBe(true);
});

test("an entity tag is known again also weak, in a list and by the star", () => {
  for (const header of ['"a"', 'W/"a"', '"b", W/"a"', "*"]) expect(isSameTag(header, '"a"')).toBe(true);
  for (const header of [null, "", "a", '"A"', '"ab"', 'w/"a"']) expect(isSameTag(header, '"a"')).toBe(false);
});
