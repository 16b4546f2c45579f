/** An estimate with the interval that holds it in 95 of 100 resamples. */
export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The value below which a share of the values lies, between neighbours in proportion. @param share 0…1 @throws RangeError without values */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new RangeError("no values");
  return below + (above - below) * (at - Math.floor(at));
}

/** @throws RangeError without values */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * Median with its 95 % percentile bootstrap interval (Efron 1979): few rounds give a wide one, and it says so.
 * The resampling is seeded: the same values give the same interval.
 */
export function bootstrap(values: readonly number[], resamples = 2_000): Interval {
  const random = randomNumbers(values.length);
  const medians = Array.from({ length: resamples }, () =>
    median(values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN)),
  );
  return { median: median(values), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}

/** Largest distance of any value from the median, as a share of the median. 0 without values. */
export function spread(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const middle = median(values);
  return Math.max(...values.map((value) => Math.abs(value - middle))) / middle;
}

/** Mulberry32: a small seeded generator of numbers in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
