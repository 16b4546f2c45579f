import type { ReadingRow } from "./readings.ts";

/** A stored version of one (device, code, at). */
export interface KnownVersion {
  readonly version: number;
  readonly value: number;
  readonly receivedAt: number;
  readonly isSuperseded: boolean;
}
/** What to write so that a reading which the log holds and the store lost is back. */
export type Restored =
  | { readonly kind: "insert"; readonly version: number; readonly isSuperseded: boolean }
  | { readonly kind: "promote"; readonly version: number };

/**
 * Where a lost reading belongs among the versions that are left: by when it was received, not by when it is restored, so that what corrected it stays
 * the current value. Null when nothing is to be done.
 */
export function restoreVersion(known: readonly KnownVersion[], row: Pick<ReadingRow, "value" | "receivedAt">): Restored | null {
  const isCurrentKnown = known.some(({ isSuperseded }) => !isSuperseded);
  const same = known.filter(({ value }) => value === row.value);
  const latest = Math.max(0, ...known.map(({ version }) => version));
  if (same.length > 0) {
    if (isCurrentKnown) return null;
    return same.some(({ version }) => version === latest) ? { kind: "promote", version: latest } : null;
  }
  if (known.every(({ receivedAt }) => receivedAt <= row.receivedAt)) return { kind: "insert", version: latest + 1, isSuperseded: false };
  const taken = new Set(known.map(({ version }) => version));
  let free = 1;
  while (taken.has(free)) free++;
  return { kind: "insert", version: free, isSuperseded: true };
}
