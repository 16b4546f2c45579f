import { formatTraceparent, parseTraceparent } from "@episante/contracts/traceparent";

/** Trace context of a request (W3C Trace Context, level 1). */
export interface Trace {
  readonly traceId: string;
  /** Passed on when this process records no span for it. */
  readonly traceparent: string;
  /** Span of the caller, where it says that it recorded one. */
  readonly callerSpanId?: string;
}

/**
 * Continues an incoming `traceparent` under a new span, or starts a trace when it is absent or malformed. The trace id is the caller's;
 * whether the trace is recorded is not: that is decided here, or anybody could fill the collector.
 * @param random hex digits
 */
export function continueTrace(incoming: unknown, random: (bytes: number) => string): Trace {
  const given = parseTraceparent(incoming);
  const traceId = given?.traceId ?? random(16);
  const traceparent = formatTraceparent({ traceId, spanId: random(8), isSampled: false });
  return { traceId, traceparent, ...(given?.isSampled ? { callerSpanId: given.spanId } : {}) };
}
