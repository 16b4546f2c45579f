/** True when an alert's value is not current: nothing was read for longer than the rule's gap limit. Times in ms. */
export function isStale(status: string, lastReadingAt: number, gapSeconds: number, nowMs: number): boolean {
  return (status === "open" || status === "acked") && nowMs - lastReadingAt > gapSeconds * 1000;
}
