import { createSignal, onCleanup } from "solid-js";
import { steadyTicks } from "../../../shared/lib/steady-ticks.ts";
import { readStored, writeStored } from "../../../shared/lib/storage.ts";
import { isLocked, type LockState, readLock, writeLock } from "./lock-state.ts";

const key = "episante-console-lock";
/** Activity is written down at most this often. Milliseconds. */
const noteMs = 5000;
const gestures = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/**
 * Locks the console of an account past idle, in every tab of the browser at once, also over a reload. It keeps data off the screen; who may read
 * it is still the server's to say. `onOther`: another account has signed in, in another tab.
 */
export function createLock(accountId: string, onOther: () => void = () => location.reload()) {
  const known = readLock(readStored(key));
  let state: LockState = known?.accountId === accountId ? known : { accountId, locked: false, activeAt: Date.now() };
  const [locked, setLocked] = createSignal(false);

  function keep(next: LockState): void {
    state = next;
    setLocked(next.locked);
    writeStored(key, writeLock(next));
  }
  /** Locks when the time has come. */
  function look(): void {
    if (!state.locked && isLocked(state, Date.now())) keep({ ...state, locked: true });
  }
  function touched(): void {
    // Time may have passed while the computer slept, before any tick: then this very gesture comes too late.
    look();
    if (!state.locked && Date.now() - state.activeAt >= noteMs) keep({ ...state, activeAt: Date.now() });
  }
  function elsewhere(event: StorageEvent): void {
    if (event.key !== key && event.key !== null) return;
    const next = readLock(event.newValue);
    // Emptied storage opens nothing.
    if (!next) keep(state);
    else if (next.accountId !== accountId) onOther();
    else {
      state = next;
      setLocked(next.locked);
    }
  }
  keep({ ...state, locked: isLocked(state, Date.now()) });
  for (const gesture of gestures) addEventListener(gesture, touched, { capture: true, passive: true });
  addEventListener("storage", elsewhere);
  document.addEventListener("visibilitychange", look);
  const stopTicks = steadyTicks(look);
  onCleanup(() => {
    for (const gesture of gestures) removeEventListener(gesture, touched, { capture: true });
    removeEventListener("storage", elsewhere);
    document.removeEventListener("visibilitychange", look);
    stopTicks();
  });
  return {
    locked,
    /** The password was right. */
    unlock: () => keep({ accountId, locked: false, activeAt: Date.now() }),
  };
}
export type Lock = ReturnType<typeof createLock>;

/** Somebody has signed in, or nobody is any more: nothing is locked. */
export function forgetLock(): void {
  writeStored(key, null);
}
