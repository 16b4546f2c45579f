/** Trace context of a request (W3C Trace Context, level 1). */
export interface Trace {
  readonly traceId: string;
  readonly traceparent: string;
}

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** Continues an incoming `traceparent` under a new span, or starts a trace when it is absent or malformed. @param random hex digits */
export function continueTrace(incoming: string | null, random: (bytes: number) => string): Trace {
  const match = incoming ? pattern.exec(incoming) : null;
  const given = match?.[1];
  const traceId = given && !/^0+$/.test(given) ? given : random(16);
  return { traceId, traceparent: `00-${traceId}-${random(8)}-01` };
}
