import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  crossChecks,
  flagOf,
  flags,
  isCoded,
  isWithheld,
  mostPulseDifference,
  numberOf,
  signalNames,
  signalOf,
  signals,
  toCanonical,
  toldOf,
  wordsOf,
} from "./signals.ts";

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

test("a glucose monitor's whole numbers up to 12 are faults of its sensor, in no other signal", () => {
  for (let code = 0; code <= 12; code++) expect(flagOf("interstitial-glucose", code)).toBe("sensor-fault");
  for (const value of [-1, 9.5, 13, 38.9, 401.1]) expect(flagOf("interstitial-glucose", value)).toBe("implausible");
  for (const value of [39, 40, 400, 401]) expect(flagOf("interstitial-glucose", value)).toBeUndefined();
  expect([flagOf("blood-glucose", 10), flagOf("blood-glucose", 9)]).toEqual([undefined, "implausible"]);
  for (const [ms, flag] of [
    [239, "implausible"],
    [240, undefined],
    [2500, undefined],
    [2501, "implausible"],
  ] as const)
    expect(flagOf("rr-interval", ms)).toBe(flag);
  expect(flags.map((flag) => [flag, isWithheld(flag)])).toEqual([
    ["implausible", true],
    ["sensor-fault", true],
    ["disagreeing", false],
  ]);
  expect(isWithheld(undefined)).toBe(false);
});

test("a word and its number stand for each other, lie within the gate, and no signal has a word it did not list", () => {
  expect(wordsOf("responsiveness")).toEqual(["A", "C", "V", "P", "U"]);
  expect(wordsOf("inhaled-oxygen")).toEqual(["air", "o2"]);
  expect(wordsOf("interstitial-glucose")).toEqual(["LO", "HI"]);
  expect(signalNames.filter(isCoded)).toEqual(["responsiveness", "inhaled-oxygen"]);
  for (const signal of signalNames) {
    for (const word of wordsOf(signal)) {
      const value = numberOf(signal, word) ?? Number.NaN;
      expect(toldOf(signal, value)).toBe(word);
      expect(flagOf(signal, value)).toBeUndefined();
    }
    for (const word of ["", "a", "Low", "toString", "__proto__"]) expect(numberOf(signal, word)).toBeUndefined();
  }
  expect([toldOf("interstitial-glucose", 40), toldOf("spo2", 39)]).toEqual([40, 39]);
});

test("units convert to the canonical one before any comparison, and an unknown unit never converts", () => {
  expect(toCanonical("blood-glucose", 3.9, "mmol/L")).toBeCloseTo(70.26, 2);
  expect(toCanonical("body-temperature", 100.4, "[degF]")).toBeCloseTo(38, 9);
  expect(toCanonical("heart-rate", 1.2, "/s")).toBeCloseTo(72, 9);
  expect(toCanonical("rr-interval", 0.8, "s")).toBe(800);
  for (const [told, percent] of [
    [0.4, 40],
    [1, 100],
    [40, 40],
    [21, 21],
    [0, 0],
  ] as const)
    for (const unit of ["%", "1"]) expect(toCanonical("oxygen-concentration", told, unit)).toBeCloseTo(percent, 9);
  expect(toCanonical("spo2", 0.97, "%")).toBe(0.97);
  expect(toCanonical("interstitial-glucose", 10, "mmol/L")).toBe(180.1559);
  expect(toCanonical("systolic-pressure", 16, "kPa")).toBeCloseTo(120.00992, 9);
  expect(toCanonical("weight", 150, "[lb_av]")).toBeCloseTo(68.0388555, 9);
  expect(toCanonical("weight", 82_500, "g")).toBeCloseTo(82.5, 9);
  for (const [fahrenheit, celsius] of [
    [32, 0],
    [95, 35],
    [0, -17.7778],
  ] as const)
    expect(toCanonical("body-temperature", fahrenheit, "[degF]")).toBeCloseTo(celsius, 4);
  expect(toCanonical("heart-rate-variability", 0.05, "s")).toBe(50);
  expect(toCanonical("daily-steps", 8_000, "{steps}")).toBe(8_000);
  for (const unit of ["", "bpm", "toString", "__proto__", "mmol/L"]) expect(toCanonical("heart-rate", 60, unit)).toBeUndefined();
});

test("SDNN and steps of 24 hours have codes of their own; what measures something else under no code of ours is unknown", () => {
  expect(signalOf("80404-7")).toBe("heart-rate-variability");
  expect([signalOf("55423-8"), signalOf("41950-7")]).toEqual(["steps", "daily-steps"]);
  expect([flagOf("steps", 8_000), flagOf("daily-steps", 8_000)]).toEqual(["implausible", undefined]);
  for (const code of ["RMSSD", "rmssd", "85354-9", "88330-6", ""]) expect(signalOf(code)).toBeUndefined();
});

test("readings that contradict each other: only the diastolic is withheld, and a heart rate that disagrees with the pulse never is", () => {
  const told = crossChecks.map(({ signals: pair, flags: given }) => [...pair, ...given.map((flag) => isWithheld(flag))]);
  expect(told).toEqual([
    ["systolic-pressure", "diastolic-pressure", false, true],
    ["heart-rate", "pulse-rate", false, false],
  ]);
  const [pressure, pulse] = crossChecks;
  expect([pressure?.fails(120, 119), pressure?.fails(120, 120), pressure?.fails(80, 120)]).toEqual([false, true, true]);
  expect([pulse?.fails(80, 80 + mostPulseDifference), pulse?.fails(111, 80), pulse?.fails(80, 111)]).toEqual([false, true, true]);
});

test("each LOINC code belongs to one signal", () => {
  const codes = signalNames.flatMap((signal) => signals[signal].codes);
  expect(new Set(codes).size).toBe(codes.length);
  for (const signal of signalNames) for (const code of signals[signal].codes) expect(signalOf(code)).toBe(signal);
});
