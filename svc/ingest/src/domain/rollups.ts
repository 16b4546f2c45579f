import { isWithheld } from "@episante/contracts/signals";
import type { ReadingRow } from "./readings.ts";

/** A step of a patient's signal: a minute or an hour that begins at `at` (ms, UTC). */
export interface Bucket {
  readonly patientId: string;
  readonly signal: string;
  readonly at: number;
  /** Some of what it was made of was deleted (retention): made anew from the rest, it must not shrink. */
  readonly isThinned?: boolean;
}

/** The steps that readings fall into, each once. @param stepMs divides a day */
export function bucketsOf(rows: readonly Pick<ReadingRow, "patientId" | "signal" | "at">[], stepMs: number): Bucket[] {
  const buckets = new Map<string, Bucket>();
  for (const { patientId, signal, at } of rows) {
    const start = Math.floor(at / stepMs) * stepMs;
    const key = `${patientId}|${signal}|${start}`;
    if (!buckets.has(key)) buckets.set(key, { patientId, signal, at: start });
  }
  return [...buckets.values()];
}

/** What readings come to in one step. */
export interface Sum extends Bucket {
  readonly stepSeconds: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly n: number;
}

/** What readings that count come to, by step. */
export function sumsOf(rows: readonly ReadingRow[], stepSeconds: number): Sum[] {
  const counted = rows.filter(({ flag }) => !isWithheld(flag));
  const stepMs = stepSeconds * 1000;
  const startOf = (at: number) => Math.floor(at / stepMs) * stepMs;
  const bySum = Map.groupBy(counted, ({ patientId, signal, at }) => `${patientId}|${signal}|${startOf(at)}`);
  return [...bySum.values()].flatMap((own) => {
    const [first] = own;
    if (!first) return [];
    const values = own.map(({ value }) => value);
    const { patientId, signal, at } = first;
    return [
      {
        patientId,
        signal,
        at: startOf(at),
        stepSeconds,
        min: Math.min(...values),
        max: Math.max(...values),
        sum: values.reduce((sum, value) => sum + value, 0),
        n: values.length,
      },
    ];
  });
}
