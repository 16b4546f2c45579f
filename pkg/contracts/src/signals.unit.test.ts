import { expect, test } from "bun:test";
import fc from "fast-check";
import { flagOf, signalNames, signalOf, signals, toCanonical } from "./signals.ts";

test("a value is flagged exactly when it lies outside its signal's gate: real values such as a pulse of 127 are judged", () => {
  expect(flagOf("heart-rate", 127)).toBeUndefined();
  expect(flagOf("systolic-pressure", 127)).toBeUndefined();
  expect(flagOf("blood-glucose", 255)).toBeUndefined();
  for (const sentinel of [0, -1, 127, 255, 65535]) expect(flagOf("spo2", sentinel)).toBe("implausible");
  fc.assert(
    fc.property(fc.constantFrom(...signalNames), fc.double({ noNaN: true }), (signal, value) => {
      const { min, max } = signals[signal];
      expect(flagOf(signal, value) === undefined).toBe(value >= min && value <= max);
    }),
  );
});

test("units convert to the canonical one before any comparison, and an unknown unit never converts", () => {
  expect(toCanonical("blood-glucose", 3.9, "mmol/L")).toBeCloseTo(70.26, 2);
  expect(toCanonical("body-temperature", 100.4, "[degF]")).toBeCloseTo(38, 9);
  expect(toCanonical("heart-rate", 1.2, "/s")).toBeCloseTo(72, 9);
  for (const unit of ["", "bpm", "toString", "__proto__", "mmol/L"]) expect(toCanonical("heart-rate", 60, unit)).toBeUndefined();
});

test("each LOINC code belongs to one signal", () => {
  const codes = signalNames.flatMap((signal) => signals[signal].codes);
  expect(new Set(codes).size).toBe(codes.length);
  for (const signal of signalNames) for (const code of signals[signal].codes) expect(signalOf(code)).toBe(signal);
});
