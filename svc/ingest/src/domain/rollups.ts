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
