import { beforeEach, expect, test } from "bun:test";
import fc from "fast-check";
import { setLocale } from "../../../shared/i18n/i18n.ts";
import { durationText, parseDuration } from "./duration.ts";

beforeEach(() => setLocale("fr"));

test("a length of time is read as people type it", () => {
  const typed = {
    "90": 90,
    "90 s": 90,
    "15 min": 900,
    "1h30": 5400,
    "1 h 30 min": 5400,
    "1,5 h": 5400,
    "2 min 5": 125,
    "0": 0,
    "1 j": 86_400,
  };
  for (const [text, seconds] of Object.entries(typed)) expect([text, parseDuration(text)]).toEqual([text, seconds]);
});
test("what is no length of time is not guessed", () => {
  for (const text of ["", "x", "-5", "5 x", "min", "1 h y", "toString", "5 constructor"])
    expect([text, parseDuration(text)]).toEqual([text, undefined]);
});
test("whole seconds come back as they were", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 86_400 }), (seconds) => parseDuration(durationText(seconds)) === seconds));
});
