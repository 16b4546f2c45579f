import { isUsable, type Sample } from "../episode.ts";

/** Readings of the last while, `[at, value, at, value, …]` in time order. */
export type Points = readonly number[];

/** A window holds at most this many points: of more readings the last in each such share of the window counts. */
export const mostPoints = 240;
/** A window reaches this much further back, and needs this much less, than it says: devices are not exactly on time. */
const tolerance = 0.1;

/** A straight line by least squares. */
export interface Line {
  /** Per minute. */
  readonly slope: number;
  /** On the line, at the newest reading. */
  readonly now: number;
  /** R², the share of the variance the line explains; 1 when there is none. */
  readonly fit: number;
  readonly points: number;
  readonly spanMs: number;
  readonly reading: number;
}

/** Adds a reading to a window. A hole longer than the gap limit begins the window anew. */
export function addPoint(before: Points, { at, value }: Sample, { windowMs, gapMs }: { windowMs: number; gapMs: number }): Points {
  const lastAt = before.at(-2);
  if (lastAt === undefined || at - lastAt > gapMs) return [at, value];
  const slotMs = windowMs / mostPoints;
  const isSameSlot = Math.floor(at / slotMs) === Math.floor(lastAt / slotMs);
  let from = 0;
  while ((before[from] ?? at) < at - windowMs * (1 + tolerance)) from += 2;
  return [...before.slice(from, isSameSlot ? -2 : undefined), at, value];
}

/** The line through a window; nothing while it has too few points or covers too little of its time. */
export function lineThrough(points: Points, { windowMs, minPoints }: { windowMs: number; minPoints: number }): Line | undefined {
  const count = points.length / 2;
  const [first = 0, last = 0, reading = 0] = [points[0], points.at(-2), points.at(-1)];
  const spanMs = last - first;
  if (count < minPoints || spanMs < windowMs * (1 - tolerance)) return undefined;
  let [sumT, sumV] = [0, 0];
  for (let index = 0; index < points.length; index += 2) {
    sumT += ((points[index] ?? 0) - last) / 60_000;
    sumV += points[index + 1] ?? 0;
  }
  const [meanT, meanV] = [sumT / count, sumV / count];
  let [tt, tv, vv] = [0, 0, 0];
  for (let index = 0; index < points.length; index += 2) {
    const t = ((points[index] ?? 0) - last) / 60_000 - meanT;
    const v = (points[index + 1] ?? 0) - meanV;
    tt += t * t;
    tv += t * v;
    vv += v * v;
  }
  const slope = tv / tt;
  return { slope, now: meanV - slope * meanT, fit: vv === 0 ? 1 : (tv * tv) / (tt * vv), points: count, spanMs, reading };
}

/** What a window's rule does with one reading: keeps it, and judges the line there is. */
export function judgeLine<
  Body extends { readonly windowSeconds: number; readonly minPoints: number; readonly gapSeconds: number },
  Verdict,
>(
  { windowSeconds, minPoints, gapSeconds }: Body,
  verdictOf: (line: Line) => Verdict,
): (memory: Points | undefined, samples: readonly Sample[]) => { memory?: Points | undefined; verdict?: Verdict } {
  const windowMs = windowSeconds * 1000;
  return (memory, [sample]) => {
    if (!sample || !isUsable(sample)) return { memory };
    const points = addPoint(memory ?? [], sample, { windowMs, gapMs: gapSeconds * 1000 });
    const line = lineThrough(points, { windowMs, minPoints });
    return line ? { memory: points, verdict: verdictOf(line) } : { memory: points };
  };
}
