/** A `traceparent` taken apart (W3C Trace Context, version 00). */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  /** Whether the one before records this trace. */
  readonly isSampled: boolean;
}

const pattern = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Null for anything that is not a valid header, whoever sent it. */
export function parseTraceparent(text: unknown): TraceContext | null {
  const match = typeof text === "string" ? pattern.exec(text) : null;
  const [, traceId, spanId, flags] = match ?? [];
  if (!traceId || !spanId || !flags) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The header of a context. */
export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}

/** Begins a trace at a caller that records no spans itself: a browser, a device. Whether it is recorded is decided behind it. */
export function newTraceparent(): string {
  const digits = Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return formatTraceparent({ traceId: digits.slice(0, 32), spanId: digits.slice(32), isSampled: false });
}
