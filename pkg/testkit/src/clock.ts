import type { Clock } from "@episante/service/clock";

export interface TestClock extends Clock {
  advance(ms: number): void;
  set(ms: number): void;
}

/** A clock that only the test moves. @param startMs milliseconds since the epoch */
export function testClock(startMs: number): TestClock {
  let now = startMs;
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  return {
    now: () => now,
    advance(ms) {
      now += ms;
      tell();
    },
    set(ms) {
      now = ms;
      tell();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
