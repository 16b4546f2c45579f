import type { resolutions } from "@episante/contracts/reading";
import type { Point, Span } from "../../../shared/charts/series.ts";

export type Resolution = (typeof resolutions)[number];

/** History is fetched and kept in pieces of this length. Milliseconds. */
const chunkMs: Record<Resolution, number> = { raw: 3_600_000, "1m": 86_400_000, "1h": 120 * 86_400_000 };
/** What late readings may still change behind the newest one we have. */
const overlapMs: Record<Resolution, number> = { raw: 20_000, "1m": 180_000, "1h": 2 * 3_600_000 };
/** A hole shorter than this is none. */
const leastGapMs: Record<Resolution, number> = { raw: 60_000, "1m": 150_000, "1h": 2.5 * 3_600_000 };
/** Older pieces are asked again after this long: readings may have been filled in since. */
const refreshMs = 10 * 60_000;
/** Pieces kept for each signal and resolution. */
const mostChunks = 48;

export interface Chunk {
  readonly points: readonly Point[];
  /** Everything before this is in, and it was asked at `askedAt`. */
  readonly until: number;
  readonly askedAt: number;
}
/** What was fetched of one signal at one resolution: pieces by their number since the epoch. */
export type Chunks = ReadonlyMap<number, Chunk>;

/** The coarsest steps that still draw as a line: never more than 8 pixels apart; up to 90 minutes every reading. */
export function resolutionFor(spanMs: number, widthPx: number): Resolution {
  if (spanMs <= 90 * 60_000) return "raw";
  const msPerPx = spanMs / Math.max(1, widthPx);
  return 3_600_000 / msPerPx <= 8 ? "1h" : "1m";
}

function numbers(span: Span, resolution: Resolution): number[] {
  const length = chunkMs[resolution];
  const first = Math.floor(span.from / length);
  return Array.from({ length: Math.floor((span.to - 1) / length) - first + 1 }, (_, index) => first + index);
}

/** What has to be asked so that `span` is complete up to `now`: whole pieces, neighbours in one stretch; of the newest only its end. */
export function missing(chunks: Chunks, span: Span, resolution: Resolution, now: number): Span[] {
  const length = chunkMs[resolution];
  const spans: Span[] = [];
  for (const number of numbers({ from: span.from, to: Math.min(span.to, now) }, resolution)) {
    const start = number * length;
    const end = Math.min(start + length, now);
    const known = chunks.get(number);
    let from = start;
    if (known && now - known.askedAt < refreshMs) {
      if (known.until >= end) continue;
      from = Math.max(start, Math.min(known.until, known.points.at(-1)?.at ?? start) - overlapMs[resolution]);
    }
    const last = spans.at(-1);
    if (last && last.to === from) spans[spans.length - 1] = { from: last.from, to: end };
    else spans.push({ from, to: end });
  }
  return spans;
}

/** Puts the answer for `asked` into the pieces: within it the answer is the truth, outside it stays what was known. */
export function store(chunks: Chunks, asked: Span, points: readonly Point[], resolution: Resolution, now: number): Chunks {
  const length = chunkMs[resolution];
  const next = new Map(chunks);
  for (const number of numbers(asked, resolution)) {
    const start = number * length;
    const known = next.get(number);
    const mine = points.filter((point) => point.at >= start && point.at < start + length);
    const from = mine[0] ? Math.min(asked.from, mine[0].at) : asked.from;
    const before = known?.points.filter((point) => point.at < from) ?? [];
    const whole = asked.from <= start;
    next.delete(number);
    next.set(number, {
      points: [...before, ...mine],
      until: Math.min(asked.to, start + length),
      askedAt: whole || !known ? now : known.askedAt,
    });
  }
  for (const oldest of next.keys()) {
    if (next.size <= mostChunks) break;
    next.delete(oldest);
  }
  return next;
}

/** Points of the pieces that touch `span`, in time order, and which stretches of it are known. */
export function read(chunks: Chunks, span: Span, resolution: Resolution): { points: Point[]; known: Span[] } {
  const length = chunkMs[resolution];
  const points: Point[] = [];
  const known: Span[] = [];
  for (const number of numbers(span, resolution)) {
    const chunk = chunks.get(number);
    if (!chunk) continue;
    for (const point of chunk.points) points.push(point);
    const last = known.at(-1);
    if (last && last.to === number * length) known[known.length - 1] = { from: last.from, to: chunk.until };
    else known.push({ from: number * length, to: chunk.until });
  }
  return { points, known };
}

/**
 * No more points than a screen can show: those of one step become one with their extremes and the mean of their means. Steps are powers of two
 * of a second, so that the same readings fall together while the view moves. Flagged readings stay as they are.
 */
export function thin(points: readonly Point[], msPerPx: number): { points: readonly Point[]; stepMs: number } {
  const stepMs = 1000 * 2 ** Math.round(Math.log2(Math.max(1, msPerPx / 1000)));
  const thinned: Point[] = [];
  let step = Number.NaN;
  let count = 0;
  for (const point of points) {
    const last = thinned.at(-1);
    const mine = Math.floor(point.at / stepMs);
    if (point.flag !== undefined || mine !== step || last === undefined || last.flag !== undefined) {
      thinned.push(point);
      step = point.flag === undefined ? mine : Number.NaN;
      count = 1;
      continue;
    }
    count += 1;
    thinned[thinned.length - 1] = {
      at: last.at,
      value: last.value + (point.value - last.value) / count,
      min: Math.min(last.min ?? last.value, point.min ?? point.value),
      max: Math.max(last.max ?? last.value, point.max ?? point.value),
    };
  }
  return thinned.length < points.length / 2 ? { points: thinned, stepMs } : { points, stepMs: 0 };
}

/** From when a hole is a gap: three times the usual distance of the readings, so that a value taken each morning is no row of gaps. */
export function gapFor(points: readonly Point[], resolution: Resolution): number {
  const steps: number[] = [];
  const every = Math.max(1, Math.floor(points.length / 200));
  for (let at = 1; at < points.length; at += every) steps.push((points[at]?.at ?? 0) - (points[at - 1]?.at ?? 0));
  const middle = steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  return Math.max(leastGapMs[resolution], 3 * middle);
}

/** The parts of gaps that lie in known stretches: what was not asked yet is no gap. */
export function knownGaps(gaps: readonly Span[], known: readonly Span[]): Span[] {
  return gaps.flatMap((gap) =>
    known.flatMap((span) => {
      const from = Math.max(gap.from, span.from);
      const to = Math.min(gap.to, span.to);
      return to > from ? [{ from, to }] : [];
    }),
  );
}
