import type { TestClockState } from "@episante/contracts/system";

/** The three commands of the test clock. */
export type TestClockCommand = { at: string } | { advanceSeconds: number } | { freeze: boolean };

/** Business time under a state. @param realMs real time, ms */
export function businessTime(state: TestClockState, realMs: number): number {
  return state.frozenAtMs ?? realMs + state.offsetMs;
}

/** State after a command. A frozen clock stays frozen when it is set or advanced; thawing goes on from where it stood. */
export function moveClock(state: TestClockState, command: TestClockCommand, realMs: number): TestClockState {
  if ("freeze" in command) {
    const nowMs = businessTime(state, realMs);
    return command.freeze ? { offsetMs: state.offsetMs, frozenAtMs: nowMs } : { offsetMs: nowMs - realMs };
  }
  const targetMs = "at" in command ? Date.parse(command.at) : businessTime(state, realMs) + command.advanceSeconds * 1000;
  return state.frozenAtMs === undefined ? { offsetMs: targetMs - realMs } : { offsetMs: targetMs - realMs, frozenAtMs: targetMs };
}
