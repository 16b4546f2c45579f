import type { Finding } from "@episante/contracts/rule";

/** True when an alert was found on readings that are not all that its rule looks at. */
export function isPartial(finding: Finding): boolean {
  return finding.kind === "news2" && finding.missing.length > 0;
}

/** True when an alert's value is not current: nothing was read for longer than the rule's gap limit. Times in ms. */
export function isStale(status: string, lastReadingAt: number, gapSeconds: number, nowMs: number): boolean {
  return (status === "open" || status === "acked") && nowMs - lastReadingAt > gapSeconds * 1000;
}
