/** A family of token buckets: each key may spend `burst` at once and earns `perSecond` back. */
export interface TokenBuckets {
  /** Seconds to wait before the next try, or 0 when a token was taken. */
  take(key: string, nowMs: number): number;
  /** Seconds to wait before a token can be taken, or 0; takes none. */
  waitSeconds(key: string, nowMs: number): number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * Keeps at most `maxKeys` buckets; the one used longest ago goes first, so a flood of keys cannot fill the memory.
 * Time is an argument: real time, never the test clock.
 */
export function tokenBuckets({ burst, perSecond, maxKeys = 20_000 }: { burst: number; perSecond: number; maxKeys?: number }): TokenBuckets {
  const buckets = new Map<string, Bucket>();
  const tokensOf = (key: string, nowMs: number) => {
    const known = buckets.get(key);
    return known ? Math.min(burst, known.tokens + (Math.max(0, nowMs - known.atMs) / 1000) * perSecond) : burst;
  };
  return {
    take(key, nowMs) {
      const tokens = tokensOf(key, nowMs);
      buckets.delete(key);
      const allowed = tokens >= 1;
      buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, atMs: nowMs });
      if (buckets.size > maxKeys) {
        const oldest = buckets.keys().next();
        if (!oldest.done) buckets.delete(oldest.value);
      }
      return allowed ? 0 : (1 - tokens) / perSecond;
    },
    waitSeconds(key, nowMs) {
      const tokens = tokensOf(key, nowMs);
      return tokens >= 1 ? 0 : (1 - tokens) / perSecond;
    },
  };
}
