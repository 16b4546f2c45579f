import { type Signal, signalNames } from "@episante/contracts/signals";

/** Signals that are told for every second or every beat: nearly all of the room readings take. */
const classOf: { readonly [S in Signal]?: "beats" | "vitals" } = {
  "rr-interval": "beats",
  "heart-rate": "vitals",
  "pulse-rate": "vitals",
  spo2: "vitals",
  "respiratory-rate": "vitals",
};

/** What is kept for a time of its own: readings by class of signal, and the roll-ups of all signals. */
export const retentionClasses = ["beats", "vitals", "measurements", "minutes", "hours"] as const;
export type RetentionClass = (typeof retentionClasses)[number];
/** Days each class is kept; 0 = for good. */
export type Retention = Readonly<Record<RetentionClass, number>>;

/** Shortest time anything is kept, days: longer than the log keeps its messages, so that nothing deleted is stored again from there. */
export const leastRetentionDays = 7;

/** The class of a signal's readings. */
export function retentionClassOf(signal: Signal): RetentionClass {
  return classOf[signal] ?? "measurements";
}

/** Signals whose readings are of a class; none for roll-ups. */
export function signalsOfClass(wanted: RetentionClass): Signal[] {
  return signalNames.filter((signal) => retentionClassOf(signal) === wanted);
}

/** A UTC day (`YYYY-MM-DD`) with readings, and when the last of them was stored. */
export interface StoredDay {
  readonly day: string;
  readonly storedAtMs: number;
}

const dayMs = 86_400_000;

/**
 * Whether a class of a day has had its time: the day and the last reading stored for it are both that long ago, so that a recording of long ago is
 * kept as long as one of today.
 */
export function isPastRetention({ day, storedAtMs }: StoredDay, keptDays: number, nowMs: number): boolean {
  if (keptDays === 0) return false;
  const oldestMs = nowMs - keptDays * dayMs;
  return Date.parse(`${day}T00:00:00Z`) + dayMs <= oldestMs && storedAtMs <= oldestMs;
}
