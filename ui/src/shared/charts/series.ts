import { isWithheld, numberOf, signalOf } from "@episante/contracts/signals";

/** One reading, or one interval of a roll-up. Times in milliseconds since the epoch. */
export interface Point {
  readonly at: number;
  readonly value: number;
  /** Of a roll-up: the extremes of the interval. */
  readonly min?: number;
  readonly max?: number;
  /** Stored but not evaluated, for example `implausible`; absent for a reading that counts. */
  readonly flag?: string;
}
export interface Span {
  readonly from: number;
  readonly to: number;
}
/** Columns as uPlot wants them (x in seconds), with a `null` inside every gap so that a line is never drawn across it. */
export interface Series {
  readonly xs: readonly number[];
  readonly ys: readonly (number | null)[];
  readonly mins: readonly (number | null)[] | undefined;
  readonly maxs: readonly (number | null)[] | undefined;
  readonly gaps: readonly Span[];
  /** The points drawn, in time order, without flagged ones. */
  readonly points: readonly Point[];
  readonly rejected: readonly Point[];
}
export type Side = "below" | "above";
export interface Limit {
  readonly value: number;
  readonly side: Side;
}

type RawItem = { at: string; value: number | string; flag?: string | undefined };
type RolledItem = { at: string; min: number; max: number; mean: number; n: number };

/** Answer of `GET /api/readings` for a code → points in time order; a word is drawn at its number. */
export function toPoints(items: readonly (RawItem | RolledItem)[], code: string): Point[] {
  const signal = signalOf(code);
  const numeric = (value: number | string) =>
    typeof value === "number" ? value : signal ? (numberOf(signal, value) ?? Number.NaN) : Number.NaN;
  const points = items.map(
    (item): Point =>
      "value" in item
        ? { at: Date.parse(item.at), value: numeric(item.value), ...(item.flag && isWithheld(item.flag) ? { flag: item.flag } : {}) }
        : { at: Date.parse(item.at), value: item.mean, min: item.min, max: item.max },
  );
  return points.sort((a, b) => a.at - b.at);
}

/**
 * Prepares points for drawing inside `window`. Two neighbours further apart than `gapMs` leave a gap; so do the edges of the window,
 * except the future. Flagged readings are set apart: they are marks, not part of the line.
 */
export function prepareSeries(points: readonly Point[], window: Span, gapMs: number): Series {
  const inside = points.filter((point) => point.at >= window.from && point.at <= window.to);
  const good = inside.filter((point) => point.flag === undefined);
  const rolled = good.some((point) => point.min !== undefined);
  const xs: number[] = [];
  const ys: (number | null)[] = [];
  const mins: (number | null)[] = [];
  const maxs: (number | null)[] = [];
  const gaps: Span[] = [];
  let last = window.from;
  for (const point of good) {
    if (point.at - last > gapMs) {
      gaps.push({ from: last, to: point.at });
      if (xs.length > 0) {
        xs.push((last + 1) / 1000);
        ys.push(null);
        mins.push(null);
        maxs.push(null);
      }
    }
    xs.push(point.at / 1000);
    ys.push(point.value);
    mins.push(point.min ?? point.value);
    maxs.push(point.max ?? point.value);
    last = point.at;
  }
  if (window.to - last > gapMs) gaps.push({ from: last, to: window.to });
  return {
    xs,
    ys,
    mins: rolled ? mins : undefined,
    maxs: rolled ? maxs : undefined,
    gaps,
    points: good,
    rejected: inside.filter((point) => point.flag !== undefined),
  };
}

/** True when a value lies beyond the limit; the limit itself is within. */
export function isBeyond(value: number, limit: Limit): boolean {
  return limit.side === "below" ? value < limit.value : value > limit.value;
}

/** The part of a line that lies beyond the limit: same length, `null` elsewhere. Of a roll-up the extreme on that side counts. */
export function beyond(series: Series, limit: Limit): (number | null)[] {
  const extreme = limit.side === "below" ? series.mins : series.maxs;
  return series.ys.map((y, index) => (y !== null && isBeyond(extreme?.[index] ?? y, limit) ? y : null));
}

/** Range of the value axis: the signal's own, widened in steps to hold every value; never narrower than `before`. */
export function axisRange(base: readonly [number, number], series: Series, before?: readonly [number, number]): [number, number] {
  let [low, high] = before ?? base;
  const step = niceStep(base[1] - base[0]);
  for (const value of [...(series.mins ?? series.ys), ...(series.maxs ?? [])]) {
    if (value === null) continue;
    if (value < low) low = Math.floor(value / step) * step;
    if (value > high) high = Math.ceil(value / step) * step;
  }
  return [low, high];
}

/** Step of the grid lines for a range: 1, 2, 2.5 or 5 times a power of ten, about four lines. */
export function niceStep(range: number): number {
  const rough = range / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = rough / power;
  return power * (unit <= 1 ? 1 : unit <= 2 ? 2 : unit <= 2.5 ? 2.5 : unit <= 5 ? 5 : 10);
}

/** Facts of the one-sentence summary. Undefined values mean that there is nothing to say. */
export interface Summary {
  readonly count: number;
  readonly last: Point | undefined;
  readonly worst: Point | undefined;
  readonly beyondSince: number | undefined;
  readonly trend: "rising" | "falling" | "stable";
  readonly gaps: number;
  readonly longestGapMs: number;
}

/** Reduces a series to the facts that its summary tells. The trend compares the last fifth with the fifth before it, against a tenth of `axis`. */
export function summarise(series: Series, axis: readonly [number, number], limit?: Limit): Summary {
  const { points } = series;
  const last = points.at(-1);
  const side = limit?.side ?? "below";
  const reach = (point: Point) => (side === "below" ? (point.min ?? point.value) : (point.max ?? point.value));
  let worst: Point | undefined;
  for (const point of points) {
    if (!worst || (side === "below" ? reach(point) < reach(worst) : reach(point) > reach(worst))) worst = point;
  }
  let beyondSince: number | undefined;
  if (limit) {
    for (let at = points.length - 1; at >= 0; at--) {
      const point = points[at];
      if (!point || !isBeyond(point.value, limit)) break;
      beyondSince = point.at;
    }
  }
  const fifth = Math.max(1, Math.floor(points.length / 5));
  const mean = (part: readonly Point[]) => part.reduce((sum, point) => sum + point.value, 0) / Math.max(1, part.length);
  const change = points.length < 4 ? 0 : mean(points.slice(-fifth)) - mean(points.slice(-2 * fifth, -fifth));
  const least = (axis[1] - axis[0]) / 20;
  return {
    count: points.length,
    last,
    worst,
    beyondSince,
    trend: change > least ? "rising" : change < -least ? "falling" : "stable",
    gaps: series.gaps.length,
    longestGapMs: series.gaps.reduce((longest, gap) => Math.max(longest, gap.to - gap.from), 0),
  };
}

/** Index of the nearest drawn sample in a direction, skipping the holes; undefined at the end. */
export function stepSample(series: Series, from: number | undefined, by: number): number | undefined {
  const drawn = series.ys.flatMap((y, index) => (y === null ? [] : [index]));
  if (drawn.length === 0) return undefined;
  if (from === undefined) return by < 0 ? drawn.at(-1) : drawn[0];
  const here = drawn.findIndex((index) => index >= from);
  const at = here < 0 ? drawn.length - 1 : here;
  return drawn[Math.min(drawn.length - 1, Math.max(0, at + by))];
}
