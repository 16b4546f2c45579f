/** Points of `[time ms, value]`, at most one per 30 s of the last 30 minutes. */
export type Trend = readonly (readonly [at: number, value: number])[];

const stepMs = 30_000;
const points = 60;

/** Adds a reading to a trend: each 30 s slot keeps its last reading. */
export function addToTrend(trend: Trend, at: number, value: number): Trend {
  const slot = Math.floor(at / stepMs);
  const last = trend.at(-1);
  // Nearly always: the next reading of the slot that is being filled.
  if (last && at >= last[0] && Math.floor(last[0] / stepMs) === slot) return [...trend.slice(0, -1), [at, value]];
  const newest = Math.max(slot, last ? Math.floor(last[0] / stepMs) : slot);
  if (slot <= newest - points) return trend;
  const same = trend.find(([other]) => Math.floor(other / stepMs) === slot);
  if (same && same[0] > at) return trend;
  const others = trend.filter(([other]) => Math.floor(other / stepMs) !== slot && Math.floor(other / stepMs) > newest - points);
  return [...others, [at, value] as const].sort((a, b) => a[0] - b[0]);
}
