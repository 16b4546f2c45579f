const pausesSeconds = [5, 30, 120, 600, 1_800, 3_600, 7_200];

/** Seconds until the next attempt after `attempts` failed ones; null when it is given up (the eighth). */
export function pauseAfter(attempts: number): number | null {
  return pausesSeconds[attempts - 1] ?? null;
}
