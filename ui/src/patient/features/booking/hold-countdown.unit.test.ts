import { describe, expect, test } from "bun:test";
import { holdPhase, spokenMark } from "./hold-countdown.ts";

describe("the countdown of a hold", () => {
  test("is calm above a minute, then soon, then expired", () => {
    expect([60_001, 60_000, 1, 0, -1].map(holdPhase)).toEqual(["calm", "soon", "soon", "expired", "expired"]);
  });
  test("speaks at two minutes, one minute and expiry only, once each", () => {
    const ticks = Array.from({ length: 1300 }, (_, index) => 300_000 - index * 250);
    const spoken = ticks.slice(1).map((now, index) => spokenMark(ticks[index] ?? 0, now));
    expect(spoken.filter(Boolean)).toEqual(["two-minutes", "one-minute", "expired"]);
  });
  test("after the device slept through the end, only the expiry is spoken", () => {
    expect(spokenMark(200_000, -40_000)).toBe("expired");
  });
  test("an extension says nothing by itself", () => {
    expect(spokenMark(50_000, 350_000)).toBeUndefined();
  });
});
