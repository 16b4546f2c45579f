/** A stretch of time in ms since the epoch, `[from, until)`. */
export interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

const dayMs = 86_400_000;
/** How long before a visit's start and after its end the doctor treats the patient. */
export const careMargin = { beforeMs: 7 * dayMs, afterMs: 90 * dayMs } as const;

/** The time in which a visit makes its doctor treat the patient. */
export function careWindow(visit: { readonly startMs: number; readonly endMs: number }): Window {
  return { fromMs: visit.startMs - careMargin.beforeMs, untilMs: visit.endMs + careMargin.afterMs };
}

/** True when the windows share a moment or touch: then they are one stretch of care. */
export function isConnected(a: Window, b: Window): boolean {
  return a.fromMs <= b.untilMs && b.fromMs <= a.untilMs;
}

/** The stretch from the earliest start to the latest end, or null for none. */
export function hull(windows: readonly Window[]): Window | null {
  if (windows.length === 0) return null;
  return { fromMs: Math.min(...windows.map((window) => window.fromMs)), untilMs: Math.max(...windows.map((window) => window.untilMs)) };
}
