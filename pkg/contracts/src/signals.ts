/**
 * Signals: each groups the LOINC codes of one measurand and fixes one canonical UCUM unit.
 * Codes: LOINC; units: UCUM. ECG heart rate and oximeter pulse are two signals on purpose.
 * Gates are an engineering choice: values outside are stored, flagged, and never evaluated.
 * RR interval: 8637-1 is "R-R interval by EKG"; 8637-5, which is passed around for it, fails LOINC's check digit and is taken all the same.
 * Oxygen: the codes beside the saturation in HL7 US Core's pulse oximetry profile. 3150-0, concentration, is a number; under 3151-8, flow rate, LOINC
 * has no code for just whether oxygen is given, so that word stands there, and a flow in L/min is refused.
 * Heart rate variability: 80404-7 is "R-R interval.standard deviation (Heart rate variability)", that is SDNN. RMSSD is another measurand, has no
 * LOINC code, and stands under none of ours. Steps: 55423-8 counts an interval, 41950-7 24 hours: two signals, as no rule may compare them.
 */
export const signals = {
  "heart-rate": { codes: ["8867-4"], unit: "/min", min: 20, max: 300, axis: [40, 180] },
  "pulse-rate": { codes: ["8889-8"], unit: "/min", min: 20, max: 300, axis: [40, 180] },
  spo2: { codes: ["59408-5", "2708-6"], unit: "%", min: 50, max: 100, axis: [80, 100] },
  "respiratory-rate": { codes: ["9279-1"], unit: "/min", min: 1, max: 70, axis: [0, 40] },
  "body-temperature": { codes: ["8310-5"], unit: "Cel", min: 25, max: 45, axis: [34, 42] },
  "systolic-pressure": { codes: ["8480-6"], unit: "mm[Hg]", min: 40, max: 300, axis: [60, 220] },
  "diastolic-pressure": { codes: ["8462-4"], unit: "mm[Hg]", min: 10, max: 200, axis: [30, 140] },
  "blood-glucose": { codes: ["2339-0", "15074-8", "41653-7", "14743-9"], unit: "mg/dL", min: 10, max: 1500, axis: [40, 300] },
  "interstitial-glucose": { codes: ["99504-3", "105272-9"], unit: "mg/dL", min: 39, max: 401, axis: [40, 300] },
  steps: { codes: ["55423-8"], unit: "{steps}", min: 0, max: 300, axis: [0, 200] },
  "daily-steps": { codes: ["41950-7"], unit: "{steps}", min: 0, max: 150_000, axis: [0, 15_000] },
  weight: { codes: ["29463-7"], unit: "kg", min: 0.3, max: 635, axis: [40, 140] },
  "rr-interval": { codes: ["8637-1", "8637-5"], unit: "ms", min: 240, max: 2500, axis: [300, 1500] },
  "heart-rate-variability": { codes: ["80404-7"], unit: "ms", min: 1, max: 500, axis: [0, 150] },
  responsiveness: { codes: ["67775-7", "80288-4"], unit: "1", min: 0, max: 4, axis: [0, 4] },
  "inhaled-oxygen": { codes: ["3151-8"], unit: "1", min: 0, max: 1, axis: [0, 1] },
  "oxygen-concentration": { codes: ["3150-0"], unit: "%", min: 20, max: 100, axis: [20, 100] },
} as const satisfies Record<string, { codes: readonly string[]; unit: string; min: number; max: number; axis: readonly [number, number] }>;

export type Signal = keyof typeof signals;
export const signalNames = Object.keys(signals) as Signal[];

const byCode = new Map<string, Signal>(signalNames.flatMap((signal) => signals[signal].codes.map((code) => [code, signal] as const)));

/** Every LOINC code the product accepts. */
export const loincCodes: readonly string[] = [...byCode.keys()];

/** The signal a LOINC code belongs to, or undefined for a code we do not know. */
export function signalOf(code: string): Signal | undefined {
  return byCode.get(code);
}

/**
 * Words that stand for a value, and the canonical number each is stored as. Responsiveness (ACVPU) from alert to unresponsive; a continuous glucose
 * monitor tells what lies beyond its range of 40 to 400 mg/dL as a word.
 */
const words: { readonly [S in Signal]?: Readonly<Record<string, number>> } = {
  responsiveness: { A: 0, C: 1, V: 2, P: 3, U: 4 },
  "inhaled-oxygen": { air: 0, o2: 1 },
  "interstitial-glucose": { LO: 39, HI: 401 },
};

/** Signals whose values are words only: a device that sends a number for one is refused. */
const coded: ReadonlySet<Signal> = new Set(["responsiveness", "inhaled-oxygen"] as const);

/** Whether values of a signal are words. Stored, drawn and compared as numbers; told as words. */
export function isCoded(signal: Signal): boolean {
  return coded.has(signal);
}

/** Words a signal takes, in the order of their numbers. */
export function wordsOf(signal: Signal): readonly string[] {
  return Object.keys(words[signal] ?? {});
}

/** The canonical number of a signal's word; undefined for a word it does not have. */
export function numberOf(signal: Signal, word: string): number | undefined {
  const known = words[signal];
  return known && Object.hasOwn(known, word) ? known[word] : undefined;
}

/** A stored value as it is told: the word that stands for it, else the number. */
export function toldOf(signal: Signal, value: number): number | string {
  const known = words[signal];
  if (!known) return value;
  return Object.keys(known).find((word) => known[word] === value) ?? value;
}

/** Linear conversions to the canonical unit: canonical = value × factor + offset. Sources: UCUM; glucose 18.01559 mg/dL per mmol/L. */
const conversions: Record<string, Record<string, readonly [factor: number, offset: number]>> = {
  "/min": { "/min": [1, 0], "{beats}/min": [1, 0], "{breaths}/min": [1, 0], "1/min": [1, 0], "/s": [60, 0], Hz: [60, 0] },
  "%": { "%": [1, 0] },
  Cel: { Cel: [1, 0], "[degF]": [5 / 9, -160 / 9], K: [1, -273.15] },
  "mm[Hg]": { "mm[Hg]": [1, 0], kPa: [7.50062, 0] },
  "mg/dL": { "mg/dL": [1, 0], "mmol/L": [18.01559, 0] },
  "{steps}": { "{steps}": [1, 0], "1": [1, 0] },
  kg: { kg: [1, 0], g: [0.001, 0], "[lb_av]": [0.45359237, 0] },
  ms: { ms: [1, 0], s: [1000, 0] },
  "1": { "1": [1, 0], "{score}": [1, 0] },
};

/** Converts a value to the signal's canonical unit. Undefined when the unit does not measure this signal: nothing is assumed. */
export function toCanonical(signal: Signal, value: number, unit: string): number | undefined {
  // Devices tell the concentration as a fraction or in percent, under either unit; no gas has 1 % of oxygen: up to 1 it is a fraction.
  if (signal === "oxygen-concentration" && unit === "1") return toCanonical(signal, value, "%");
  if (signal === "oxygen-concentration" && unit === "%" && value >= 0 && value <= 1) return value * 100;
  const units = conversions[signals[signal].unit] ?? {};
  // A unit arrives from outside: `toString` is no unit.
  const conversion = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (!conversion) return undefined;
  return conversion[1] === 0 && conversion[0] === 1 ? value : value * conversion[0] + conversion[1];
}

/**
 * What is remarked about a reading. `sensor-fault`: the device reports a fault of its sensor where a value stands. `disagreeing`: another sensor said
 * something else at that instant; which of the two is right nobody knows, so such a reading counts like any other.
 */
export const flags = ["implausible", "sensor-fault", "disagreeing"] as const;
export type Flag = (typeof flags)[number];

/** Flags of readings that are stored but never evaluated, counted or rolled up. */
export const withheldFlags = ["implausible", "sensor-fault"] as const satisfies readonly Flag[];
const withheld: ReadonlySet<string> = new Set(withheldFlags);

/** Whether a reading with this flag is stored but never evaluated. */
export function isWithheld(flag: string | undefined): boolean {
  return flag !== undefined && withheld.has(flag);
}

/** Continuous glucose monitors report faults as whole numbers up to this one. */
const lastFaultCode = 12;

/**
 * `implausible` when a canonical value lies outside the gate; such a value is stored but never evaluated. Devices' sentinels (0, −1, 127,
 * 255, 65535) have no list of their own: where they mean nothing they lie outside the gate, elsewhere (a pulse of 127) they are real.
 */
export function flagOf(signal: Signal, value: number): Flag | undefined {
  if (signal === "interstitial-glucose" && Number.isInteger(value) && value >= 0 && value <= lastFaultCode) return "sensor-fault";
  const { min, max } = signals[signal];
  return value < min || value > max ? "implausible" : undefined;
}

/** A heart rate by ECG and a pulse by oximeter further apart than this disagree, per minute. An engineering choice. */
export const mostPulseDifference = 30;

/**
 * Judges two readings of one instant and device by each other: the flags of the first and the second. A diastolic pressure that is not below the
 * systolic is `implausible`; the systolic stays, so that no alarm about it is lost. A heart rate and a pulse far apart are both `disagreeing`.
 * A value that its own gate withholds proves nothing about the other.
 */
export const crossChecks: readonly {
  readonly signals: readonly [Signal, Signal];
  readonly fails: (first: number, second: number) => boolean;
  readonly flags: readonly [Flag | undefined, Flag | undefined];
}[] = [
  {
    signals: ["systolic-pressure", "diastolic-pressure"],
    fails: (systolic, diastolic) => diastolic >= systolic,
    flags: [undefined, "implausible"],
  },
  {
    signals: ["heart-rate", "pulse-rate"],
    fails: (heart, pulse) => Math.abs(heart - pulse) > mostPulseDifference,
    flags: ["disagreeing", "disagreeing"],
  },
];
