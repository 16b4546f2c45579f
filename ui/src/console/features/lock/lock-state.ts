/** Nobody touched the console for this long: it locks. Well before the server would end an idle session. Milliseconds. */
export const lockAfterMs = 10 * 60_000;
/** A locked console says that it is there this often, so that its session lasts for the feed. The session's absolute end stays. Milliseconds. */
export const keepAliveMs = 4 * 60_000;

/** What the tabs of one browser share: whose console it is, whether it is locked, and when somebody last touched it. */
export interface LockState {
  readonly accountId: string;
  readonly locked: boolean;
  readonly activeAt: number;
}

/** Whether the console is locked now. */
export function isLocked(state: LockState, now: number): boolean {
  return state.locked || now - state.activeAt >= lockAfterMs;
}

/** State as it is kept in the browser. Anything unreadable is none. */
export function readLock(text: string | null): LockState | undefined {
  const [accountId, word, activeAt] = (text ?? "").split(" ");
  if (!accountId || !word || !activeAt || !Number.isFinite(Number(activeAt))) return undefined;
  return { accountId, locked: word === "locked", activeAt: Number(activeAt) };
}

/** One value, so that other tabs never see half of it. */
export function writeLock({ accountId, locked, activeAt }: LockState): string {
  return `${accountId} ${locked ? "locked" : "open"} ${activeAt}`;
}
