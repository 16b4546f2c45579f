export type HoldPhase = "calm" | "soon" | "expired";

/** Calm above 60 s, then soon, then expired. */
export function holdPhase(remainingMs: number): HoldPhase {
  if (remainingMs <= 0) return "expired";
  return remainingMs <= 60_000 ? "soon" : "calm";
}

/** What is said aloud when the remaining time passes a mark between two ticks; the timer itself stays silent. */
export function spokenMark(beforeMs: number, nowMs: number): "two-minutes" | "one-minute" | "expired" | undefined {
  const crossed = (mark: number) => beforeMs > mark && nowMs <= mark;
  if (crossed(0)) return "expired";
  if (crossed(60_000)) return "one-minute";
  if (crossed(120_000)) return "two-minutes";
  return undefined;
}
