import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A stretch of an invented recording: SpO2 around a level, and how it goes wrong. */
export interface Stretch {
  readonly seconds: number;
  /** Percent. `null`: no samples at all; a number outside 50 to 100 is implausible. */
  readonly spo2: number | null;
  /** Largest distance from the level, percent points; 1.2 unless said. */
  readonly noise?: number;
}
/** One row per second: `[second, SpO2, pulse]`. */
export type Row = readonly [second: number, spo2: number, pulse: number];

/** Makes rows at 1 Hz. The noise repeats with the seed: every run sends the same bytes. */
export function record(stretches: readonly Stretch[], seed = 7): Row[] {
  const next = noise(seed);
  const rows: Row[] = [];
  let second = 0;
  for (const { seconds, spo2, noise: width = 1.2 } of stretches) {
    for (const end = second + seconds; second < end; second++) {
      const [a, b] = [next(), next()];
      if (spo2 === null) continue;
      rows.push([second, round(spo2 + a * width), Math.round(spo2 < 90 ? 104 + b * 4 : 72 + b * 4)]);
    }
  }
  return rows;
}

/** Writes what `./episante replay` reads. @returns the file's path */
export function writeCsv(folder: string, name: string, rows: readonly Row[]): string {
  const path = join(folder, name);
  writeFileSync(path, ["t,SpO2,PULSE", ...rows.map((row) => row.join(","))].join("\n"));
  return path;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** −1 to 1, a linear congruential generator (Numerical Recipes' constants). */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
