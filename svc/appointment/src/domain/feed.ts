const dayMs = 86_400_000;
/** How far back a private calendar reaches, and how long it says that a visit is cancelled. */
const backMs = 90 * dayMs;
const cancelledMs = 30 * dayMs;

/** First instant a private calendar covers, milliseconds. There is no last one. */
export function feedFrom(nowMs: number): number {
  return nowMs - backMs;
}

/** True for a visit that a private calendar shows now: a cancelled one for 30 days, one entered in error never. */
export function isInFeed(visit: { readonly status: string; readonly cancelledMs: number | null }, nowMs: number): boolean {
  if (visit.status === "entered-in-error") return false;
  return visit.cancelledMs === null || nowMs - visit.cancelledMs < cancelledMs;
}

/** True when one of the validators of an `If-None-Match` header names this entity tag (RFC 9110 §13.1.2, weak comparison). */
export function isSameTag(ifNoneMatch: string | null, tag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === tag);
}
