import { signals } from "@episante/contracts/signals";
import { isUsable, type Sample, type Verdict } from "../episode.ts";
import type { BodyOfKind, CompileKind } from "./kind.ts";

/** Beats of a window. */
export const windowBeats = 64;
const fewestValid = 24;
/** Neighbouring differences a window needs. */
const fewestDifferences = 16;
const bins = 16;
/**
 * Relative RMSSD without early and late beats, and of the median of 3; entropy: features of McManus 2013. Autocorrelation: Bootsma 1970. The
 * limits are choices of this project: fibrillation with a coefficient of variation of 0.1 is seen, breathing is not (docs/clinical-rules.md).
 */
const leastVariation = 0.1;
const leastIrregularity = 0.045;
const leastEntropy = 0.7;
const mostRepetition = 0.3;
/** A breath is two to eight beats: one of these lags catches it, a half breath with its sign turned. */
const lags = [1, 2, 3, 4];
/** A beat this much shorter than the median of those up to 4 beats away is early (set aside with its pause), this much longer late. */
const early = 0.85;
const late = 1.3;
const neighbours = 4;
/** Neighbouring differences that must be left without early and late beats; with fewer, all beats count. */
const fewestLeft = 12;

/** Statistics of one window of beats. */
export interface Regularity {
  /** RMSSD divided by the mean interval: without early and late beats, and after a running median of 3, which single extra beats do not pass. */
  readonly variation: number;
  readonly irregularity: number;
  /** The intervals' greatest autocorrelation over 1 to 4 beats, without its sign: breathing repeats itself, fibrillation does not. */
  readonly repetition: number;
  /** Shannon entropy of the intervals in 16 bins, a sixteenth dropped at each end, divided by ln 16. */
  readonly entropy: number;
  readonly meanInterval: number;
  readonly isIrregular: boolean;
}

/** What the rule keeps: the window being filled (0 for a beat outside the gate), and the last windows it judged. */
export interface RhythmMemory {
  readonly beats: readonly number[];
  readonly fromAt: number;
  readonly lastAt: number;
  readonly votes: readonly (readonly [fromAt: number, isIrregular: boolean])[];
}

/** Judges a window of RR intervals in ms; 0 stands for a beat without a valid one. */
export function regularityOf(beats: readonly number[]): Regularity | "insufficient" {
  const valid = beats.filter((interval) => interval > 0);
  const runs = runsOf(beats);
  const differences = runs.flatMap(differencesOf);
  if (valid.length < fewestValid || differences.length < fewestDifferences) return "insufficient";
  const meanInterval = valid.reduce((sum, interval) => sum + interval, 0) / valid.length;
  const left = runsOf(withoutExtraBeats(beats)).flatMap(differencesOf);
  const variation = rootMeanSquare(left.length < fewestLeft ? differences : left) / meanInterval;
  const irregularity = rootMeanSquare(runs.flatMap((run) => differencesOf(medianOf3(run)))) / meanInterval;
  const repetition = repetitionOf(beats, meanInterval);
  const entropy = entropyOf(valid);
  const isVaried = variation >= leastVariation && irregularity >= leastIrregularity && entropy >= leastEntropy;
  return { variation, irregularity, repetition, entropy, meanInterval, isIrregular: isVaried && repetition < mostRepetition };
}

/** Irregular rhythm: raised when enough of the last windows are irregular, ended when all of them are regular. Not a diagnosis. */
export const compileIrregularRhythm: CompileKind<"irregular-rhythm", RhythmMemory> = (body) => ({
  signals: ["rr-interval"],
  judge: (before, [sample]) => (sample ? judgeBeat(before, sample, body) : { memory: before }),
  holdMs: 0,
  gapMs: body.gapSeconds * 1000,
  clearMs: 0,
  severity: body.severity,
  shown: {
    code: "8637-5",
    signal: "rr-interval",
    unit: "%",
    op: ">=",
    threshold: 100 * leastIrregularity,
    clearValue: 100 * leastIrregularity,
  },
});

function judgeBeat(
  before: RhythmMemory | undefined,
  sample: Sample,
  { votes: needed, of: looked, gapSeconds }: BodyOfKind<"irregular-rhythm">,
): { memory: RhythmMemory; verdict?: Verdict } {
  const memory = addBeat(before, sample, gapSeconds * 1000);
  if (memory.beats.length < windowBeats) return { memory };
  const window = regularityOf(memory.beats);
  const emptied = { ...memory, beats: [] };
  if (window === "insufficient") return { memory: emptied };
  const votes = [...memory.votes, [memory.fromAt, window.isIrregular] as const].slice(-looked);
  const irregular = votes.filter(([, isIrregular]) => isIrregular);
  const { irregularity, entropy, meanInterval, variation, repetition } = window;
  return {
    memory: { ...emptied, votes },
    verdict: {
      fires: irregular.length >= needed,
      holds: irregular.length > 0 || votes.length < looked,
      value: 100 * irregularity,
      // Windows before the end of the last alert were all regular: no two alerts overlap.
      ...(irregular[0] ? { since: irregular[0][0] } : {}),
      used: votes.length * windowBeats,
      finding: () => ({
        kind: "irregular-rhythm",
        windows: votes.length,
        irregularWindows: irregular.length,
        irregularity,
        entropy,
        meanInterval,
        variation,
        repetition,
      }),
    },
  };
}

/** A hole longer than the gap limit begins a new window, and what was seen before it votes no more. */
export function addBeat(before: RhythmMemory | undefined, sample: Sample, gapMs: number): RhythmMemory {
  const { at, value } = sample;
  const { min, max } = signals["rr-interval"];
  const beat = isUsable(sample) && value >= min && value <= max ? value : 0;
  if (!before || at - before.lastAt > gapMs) return { beats: [beat], fromAt: at, lastAt: at, votes: [] };
  const { beats, fromAt, votes } = before;
  return { beats: [...beats, beat], fromAt: beats.length === 0 ? at : fromAt, lastAt: at, votes };
}

/** Stretches of neighbouring valid beats. */
function runsOf(beats: readonly number[]): number[][] {
  const runs: number[][] = [];
  let run: number[] = [];
  for (const interval of [...beats, 0]) {
    if (interval > 0) run.push(interval);
    else if (run.length > 0) {
      runs.push(run);
      run = [];
    }
  }
  return runs;
}

/** The beats with 0 for those that are not in step with their neighbours: early ones and the interval after them, and late ones. */
function withoutExtraBeats(beats: readonly number[]): number[] {
  const left = [...beats];
  for (const [index, interval] of beats.entries()) {
    if (interval === 0) continue;
    const near = beats.slice(Math.max(0, index - neighbours), index + neighbours + 1).filter((other) => other > 0);
    const median = near.toSorted((a, b) => a - b)[near.length >> 1] ?? interval;
    if (interval < early * median) left.fill(0, index, index + 2);
    else if (interval > late * median) left[index] = 0;
  }
  return left;
}

/** Beats without a valid interval stand at the mean. Intervals that are all the same repeat themselves wholly: 1. */
function repetitionOf(beats: readonly number[], meanInterval: number): number {
  const deviations = beats.map((interval) => (interval > 0 ? interval - meanInterval : 0));
  const productAt = (lag: number) => deviations.slice(lag).reduce((sum, one, index) => sum + one * (deviations[index] ?? 0), 0);
  const power = productAt(0);
  return power === 0 ? 1 : Math.max(...lags.map((lag) => Math.abs(productAt(lag)))) / power;
}

function differencesOf(run: readonly number[]): number[] {
  return run.slice(1).map((interval, index) => interval - (run[index] ?? interval));
}

function medianOf3(run: readonly number[]): number[] {
  return run.slice(2).map((third, index) => {
    const [first = third, second = third] = [run[index], run[index + 1]];
    return Math.max(Math.min(first, second), Math.min(Math.max(first, second), third));
  });
}

function rootMeanSquare(values: readonly number[]): number {
  return values.length === 0 ? 0 : Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

function entropyOf(valid: readonly number[]): number {
  const dropped = Math.floor(valid.length / 16);
  const sorted = valid.toSorted((a, b) => a - b).slice(dropped, valid.length - dropped);
  const [low = 0, high = 0] = [sorted[0], sorted.at(-1)];
  if (high === low) return 0;
  const counts = new Map<number, number>();
  for (const interval of sorted) {
    const bin = Math.min(bins - 1, Math.floor(((interval - low) / (high - low)) * bins));
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const shares = [...counts.values()].map((count) => count / sorted.length);
  return -shares.reduce((sum, share) => sum + share * Math.log(share), 0) / Math.log(bins);
}
