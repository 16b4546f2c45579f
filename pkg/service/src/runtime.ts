/** Timers of nats-server may be late by so much, ns. */
export const natsTimerSlackNs = 1_000_000;

/**
 * Go's scheduler sleeps 20 µs at a time, about nine times per fsync; waking for that was a third of what nats-server cost. Linux keeps the slack of timers per
 * thread and passes it on: a shell sets its own and becomes the server. Where it cannot be set, the server runs as it would.
 */
export const withTimerSlack = `{ echo ${natsTimerSlackNs} > /proc/self/timerslack_ns; } 2>/dev/null; exec "$0" "$@"`;

/** It collects a fifth as often, unless memory is short: each collection holds acknowledgements back (docs/performance.md). */
export const natsEnvironment = { GOGC: "400", GOMEMLIMIT: "256MiB" } as const;

/** The command that starts nats-server with its timers' slack. */
export function natsCommand(program: string, configFile: string): string[] {
  const own = [program, "-c", configFile];
  return process.platform === "linux" ? ["sh", "-c", withTimerSlack, ...own] : own;
}

/** How the gateway's runtime is set: what holds the core for milliseconds holds acknowledgements back (docs/performance.md). */
export const gatewayEnvironment = {
  // Its heap is small: with helpers a collection waits longer for a core for them than it takes alone.
  BUN_JSC_numberOfGCMarkers: "1",
  // Freed memory goes back to the system after 20 s, not 0.1 s: under load it is asked for again at once, and giving it back takes up to 5 ms at a time.
  MIMALLOC_PURGE_DELAY: "20000",
  MIMALLOC_PURGE_HOLES_MIN_INTERVAL: "20000",
} as const;
