import { expect, test } from "bun:test";
import { daySchema, instantSchema } from "./time.ts";

test("an instant is RFC 3339 with a zone, in a year a database knows", () => {
  for (const good of ["2026-11-22T15:00:00Z", "2026-11-22T15:00:00.123+05:45", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"])
    expect([good, instantSchema.safeParse(good).success]).toEqual([good, true]);
  const outside = ["0000-06-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"];
  for (const bad of ["2026-11-22T15:00:00", "2026-02-30T00:00:00Z", "2026-11-22", "", ...outside])
    expect([bad, instantSchema.safeParse(bad).success]).toEqual([bad, false]);
});

test("a day is one of the calendar, from year 1", () => {
  for (const good of ["2026-02-28", "0001-01-01", "9999-12-31"]) expect([good, daySchema.safeParse(good).success]).toEqual([good, true]);
  for (const bad of ["2026-02-30", "0000-01-01", "2026-1-1", ""]) expect([bad, daySchema.safeParse(bad).success]).toEqual([bad, false]);
});
