import { describe, expect, test } from "bun:test";
import { alternativesOf, intentQuery, readIntent, timesLink } from "./intent.ts";

const intent = { doctorId: `doc_${"1".repeat(32)}`, reasonId: `rea_${"2".repeat(32)}`, start: "2026-01-13T08:20:00.000Z" } as const;

describe("the choice in the URL", () => {
  test("comes back as it was written", () => {
    expect(readIntent(Object.fromEntries(new URLSearchParams(intentQuery(intent))))).toEqual(intent);
    expect(timesLink(intent)).toContain(encodeURIComponent(intent.start));
  });
  test("is refused when a part is missing or no id", () => {
    expect(readIntent({ ...intent, doctorId: undefined })).toBeUndefined();
    expect(readIntent({ ...intent, reasonId: "rea_../x" })).toBeUndefined();
    expect(readIntent({ ...intent, start: "soon" })).toBeUndefined();
  });
});

describe("alternatives of a taken time", () => {
  test("are at most three instants, from slots or plain instants; anything else is ignored", () => {
    expect(alternativesOf([{ start: intent.start }, intent.start, null, { start: 3 }, intent.start, intent.start])).toHaveLength(3);
    expect(alternativesOf("x")).toEqual([]);
    expect(alternativesOf(undefined)).toEqual([]);
  });
});
