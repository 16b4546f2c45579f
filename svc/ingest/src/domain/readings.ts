import type { Frame } from "@episante/contracts/envelope";

/** One reading as stored. Times in milliseconds, value in the signal's canonical unit. */
export interface ReadingRow {
  readonly patientId: string;
  readonly signal: string;
  readonly code: string;
  readonly at: number;
  readonly value: number;
  readonly deviceId: string;
  readonly receivedAt: number;
  /** The batch it came in. */
  readonly boot: string;
  readonly seq: number;
  readonly flag?: string;
}

/** The readings of frames: the first of each (device, code, at), and in order what else was said about the same instant. */
export function splitReadings(frames: readonly Frame[]): { first: ReadingRow[]; again: ReadingRow[] } {
  const first = new Map<string, ReadingRow>();
  const again: ReadingRow[] = [];
  for (const row of rowsOf(frames)) {
    const key = keyOf(row);
    if (first.has(key)) again.push(row);
    else first.set(key, row);
  }
  return { first: [...first.values()], again };
}

/** Every reading of frames, in order. */
export function rowsOf(frames: readonly Frame[]): ReadingRow[] {
  return frames.flatMap(({ deviceId, patientId, receivedAtMs, boot, seq, readings }) =>
    readings.map(([code, signal, value, at, flag]) => {
      return { patientId, signal, code, at, value, deviceId, receivedAt: receivedAtMs, boot, seq, ...(flag ? { flag } : {}) };
    }),
  );
}

/** Identity of a reading. */
export function keyOf({ deviceId, code, at }: Pick<ReadingRow, "deviceId" | "code" | "at">): string {
  return `${deviceId}|${code}|${at}`;
}

/** Days (UTC, `YYYY-MM-DD`) of readings that deserve a partition: from a month back. Older ones share one. */
export function daysOf(rows: readonly ReadingRow[], nowMs: number): string[] {
  const days = new Set<string>();
  for (const { at } of rows) if (at > nowMs - 31 * 86_400_000 && at < nowMs + 2 * 86_400_000) days.add(dayOf(at));
  return [...days].sort();
}

/** UTC days that readings fall on, each once. */
export function allDaysOf(rows: readonly Pick<ReadingRow, "at">[]): string[] {
  // An instant's number of days first: most readings of a batch share one, and a text for each would cost.
  return [...new Set(rows.map(({ at }) => Math.floor(at / 86_400_000)))].map((day) => dayOf(day * 86_400_000));
}

/** UTC day of an instant. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
