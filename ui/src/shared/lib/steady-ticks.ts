/** Everybody who wants the tick; one worker serves them all. */
const listeners = new Set<() => void>();
let stop: (() => void) | undefined;

function start(): () => void {
  const tick = () => {
    for (const listener of listeners) listener();
  };
  if (typeof Worker === "undefined") {
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }
  const worker = new Worker(new URL("./tick-worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = tick;
  return () => worker.terminate();
}

/** Calls `listener` once a second, also while the page is hidden. @returns stops it */
export function steadyTicks(listener: () => void): () => void {
  listeners.add(listener);
  stop ??= start();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    stop?.();
    stop = undefined;
  };
}
