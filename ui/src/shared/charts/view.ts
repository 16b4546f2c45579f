import type { Span } from "./series.ts";

const minuteMs = 60_000;
/** How far a chart may be zoomed. Milliseconds. */
export const shortestViewMs = minuteMs;
export const longestViewMs = 366 * 86_400_000;

/** The part of time on screen: its length, and its end; without an end it follows the clock. Milliseconds. */
export interface View {
  readonly spanMs: number;
  readonly end: number | undefined;
}

/** A view as a stretch of time. One that follows moves in steps of about a pixel, not with every tick. */
export function spanOf({ spanMs, end }: View, now: number): Span {
  const step = Math.max(1000, spanMs / 2000);
  const to = end ?? Math.ceil(now / step) * step;
  return { from: to - spanMs, to };
}

/** A stretch as a view. Nothing lies in the future: what reaches (nearly) to now follows the clock. */
function settle(from: number, to: number, now: number): View {
  const spanMs = Math.min(longestViewMs, Math.max(shortestViewMs, to - from));
  return { spanMs, end: to >= now - spanMs * 0.01 ? undefined : to };
}

/** Makes the view `factor` times as long; the instant `at` stays where it is on screen. */
export function zoomView(view: View, factor: number, at: number, now: number): View {
  const { from, to } = spanOf(view, now);
  const length = Math.min(longestViewMs, Math.max(shortestViewMs, (to - from) * factor));
  const share = Math.min(1, Math.max(0, (at - from) / (to - from)));
  const start = at - share * length;
  return settle(start, start + length, now);
}

/** Moves the view by milliseconds, back in time when negative. */
export function panView(view: View, byMs: number, now: number): View {
  const { from, to } = spanOf(view, now);
  const by = Math.min(byMs, Math.max(0, now - to));
  return settle(from + by, to + by, now);
}
