import type { TestClockState } from "@episante/contracts/system";

/** Business time. Everything a user sees follows it; token lifetimes and transport timeouts use real time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back when business time jumps (test clock only). Returns the unsubscribe function. */
  onChange(listener: () => void): () => void;
}

export const systemClock: Clock = { now: () => Date.now(), onChange: () => () => {} };

/** A clock that follows a settable offset from real time, or stands still. */
export interface SettableClock extends Clock {
  set(state: TestClockState): void;
}

/** Makes the clock that the test clock's state moves. */
export function settableClock(): SettableClock {
  let state: TestClockState = { offsetMs: 0 };
  const listeners = new Set<() => void>();
  return {
    now: () => state.frozenAtMs ?? Date.now() + state.offsetMs,
    set(next) {
      state = next;
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
