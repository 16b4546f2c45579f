import { type Signal, signalOf, signals } from "@episante/contracts/signals";
import { isUsable } from "../episode.ts";
import type { CompileKind } from "./kind.ts";

const hour = 3_600;
/**
 * Seconds after which the very same value again and again is a stuck sensor, by signal; choices of this project, from how finely devices tell the
 * signal and how often. Signals that may well stay as they are (steps, weight, words, an oxygen setting, single measurements) are not here.
 */
const usualSeconds: { readonly [S in Signal]?: number } = {
  "heart-rate": hour / 2,
  "pulse-rate": hour / 2,
  spo2: 4 * hour,
  "respiratory-rate": hour,
  "body-temperature": 6 * hour,
  "systolic-pressure": 6 * hour,
  "diastolic-pressure": 6 * hour,
  "interstitial-glucose": 3 * hour,
  "rr-interval": 60,
};
/** A run of equal values is made of at least this many readings: none may be further from the next than its share of the time. */
const fewestSteps = 4;

/** The value that repeats, and since when. */
export interface FlatMemory {
  readonly value: number;
  readonly since: number;
  readonly lastAt: number;
  readonly readings: number;
}

/** The very same value over a time in which this signal must vary. Ends with the first other value. Two devices of one signal are one line. */
export const compileFlatLine: CompileKind<"flat-line", FlatMemory> = ({ code, holdSeconds, severity }) => {
  const signal = signalOf(code);
  if (!signal) return "unknown-code";
  const usual = usualSeconds[signal];
  if (usual === undefined) return "may-stay-flat";
  const holdMs = (holdSeconds ?? usual) * 1000;
  const gapMs = holdMs / fewestSteps;
  return {
    class: "technical",
    signals: [signal],
    judge: (before, [sample]) => {
      if (!sample || !isUsable(sample)) return { memory: before };
      const { at, value } = sample;
      const isSame = before !== undefined && before.value === value && at - before.lastAt <= gapMs;
      const memory = isSame ? { ...before, lastAt: at, readings: before.readings + 1 } : { value, since: at, lastAt: at, readings: 1 };
      const spanSeconds = (at - memory.since) / 1000;
      return {
        memory,
        verdict: {
          fires: at - memory.since >= holdMs,
          // After a hole the same value again is still no sign of life.
          holds: before?.value === value,
          value,
          since: memory.since,
          used: memory.readings,
          finding: () => ({ kind: "flat-line", readings: memory.readings, spanSeconds }),
        },
      };
    },
    holdMs: 0,
    gapMs,
    clearMs: 0,
    severity,
    shown: { code, signal, unit: signals[signal].unit, op: "=", threshold: 0, clearValue: 0 },
  };
};
