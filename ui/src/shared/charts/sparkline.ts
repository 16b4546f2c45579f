import { isBeyond, type Limit, type Point } from "./series.ts";

/** Shapes of a sparkline in its own box, ready for SVG attributes. */
export interface SparklineShape {
  readonly line: string;
  readonly bad: string;
  readonly band: { readonly y: number; readonly height: number } | undefined;
  readonly threshold: number | undefined;
  readonly dot: { readonly x: number; readonly y: number } | undefined;
}

/**
 * Lays out a trend in `width` × `height` pixels. The value range takes in the limit so that its band is always seen; points further apart than
 * `gapMs` are not joined.
 */
export function layoutSparkline(
  points: readonly Point[],
  box: { width: number; height: number },
  window: { from: number; to: number },
  gapMs: number,
  limit?: Limit,
): SparklineShape {
  const shown = points.filter((point) => point.at >= window.from && point.at <= window.to);
  const pad = 3;
  const values = [...shown.map((point) => point.value), ...(limit ? [limit.value] : [])];
  const low = Math.min(...values);
  const high = Math.max(...values);
  const spread = Math.max(high - low, Math.abs(high) * 0.02, 0.1);
  const bottom = (high + low) / 2 - spread * 0.62;
  const top = (high + low) / 2 + spread * 0.62;
  const x = (at: number) => round(pad + ((at - window.from) / (window.to - window.from)) * (box.width - 2 * pad));
  const y = (value: number) => round(box.height - ((value - bottom) / (top - bottom)) * box.height);
  let line = "";
  let bad = "";
  let before: Point | undefined;
  for (const point of shown) {
    const joined = before !== undefined && point.at - before.at <= gapMs;
    line += `${joined ? "L" : "M"}${x(point.at)} ${y(point.value)}`;
    if (limit && isBeyond(point.value, limit)) {
      const follows = joined && before !== undefined && isBeyond(before.value, limit);
      bad += `${follows ? "L" : "M"}${x(point.at)} ${y(point.value)}`;
    }
    before = point;
  }
  const at = limit && values.length > 1 ? y(limit.value) : undefined;
  const band =
    limit && at !== undefined ? (limit.side === "below" ? { y: at, height: round(box.height - at) } : { y: 0, height: at }) : undefined;
  return { line, bad, band, threshold: at, dot: before ? { x: x(before.at), y: y(before.value) } : undefined };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
