import { expect, test } from "bun:test";
import { signalNames } from "@episante/contracts/signals";
import { isPastRetention, retentionClassOf, signalsOfClass } from "./retention.ts";

test("every signal is of one class of readings; beats and what is told each second have their own, the rest are measurements", () => {
  const classes = ["beats", "vitals", "measurements"] as const;
  expect(classes.flatMap(signalsOfClass).sort()).toEqual([...signalNames].sort());
  expect([retentionClassOf("rr-interval"), retentionClassOf("spo2"), retentionClassOf("systolic-pressure")]).toEqual([...classes]);
  expect([signalsOfClass("minutes"), signalsOfClass("hours")]).toEqual([[], []]);
});

test("a class of a day is past its time when both the day and what was last stored for it are; 0 keeps it for good", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  const at = (instant: string) => Date.parse(instant);
  expect(isPastRetention({ day: "2026-01-28", storedAtMs: at("2026-01-28T23:00:00Z") }, 30, now)).toBe(true);
  expect(isPastRetention({ day: "2026-01-30", storedAtMs: at("2026-01-30T01:00:00Z") }, 30, now)).toBe(false);
  expect(isPastRetention({ day: "2020-01-01", storedAtMs: at("2026-02-20T00:00:00Z") }, 30, now)).toBe(false);
  expect(isPastRetention({ day: "2020-01-01", storedAtMs: at("2020-01-02T00:00:00Z") }, 0, now)).toBe(false);
});
