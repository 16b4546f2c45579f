/** Milliseconds to add to this device's clock to get the server's; people's clocks are often wrong. */
let offsetMs = 0;

/**
 * Learns the server's time from an answer. `precise` is a field such as `serverTime` (business time);
 * the `Date` header has whole seconds, so it only corrects differences above 5 s.
 */
export function learnServerTime(serverMs: number, precise: boolean): void {
  if (!Number.isFinite(serverMs)) return;
  const next = serverMs - Date.now();
  if (precise || Math.abs(next - offsetMs) > 5_000) offsetMs = next;
}

/** Now by the server's clock, in milliseconds. The only clock that screens count with. */
export function serverNow(): number {
  return Date.now() + offsetMs;
}
