import { statfs } from "node:fs/promises";
import type { Log } from "./log.ts";

/** Bytes that a process without special rights can still write where a path lies. @throws Error when there is no such path */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** Whether there is room to go on. */
export interface DiskWatch {
  isFull(): boolean;
  /** Called when room ends (true) and when there is some again (false). */
  onChange(listener: (isFull: boolean) => void): void;
  stop(): void;
}

export interface DiskWatchOptions {
  readonly paths: readonly string[];
  /** Below this on any of the paths there is no room, bytes; a quarter more and there is again. */
  readonly reserveBytes: number;
  readonly log: Log;
  readonly everyMs?: number;
  /** Measures a path; another one only in tests. */
  readonly measure?: (path: string) => Promise<number>;
}

/**
 * Measures the room at once and every second. What must not be lost is refused while the broker and the databases can still write:
 * a broker that runs into the end of its disk stops for good. A path that cannot be measured counts as roomy.
 */
export async function watchDisk({ paths, reserveBytes, log, everyMs = 1_000, measure = freeBytes }: DiskWatchOptions): Promise<DiskWatch> {
  const listeners = new Set<(isFull: boolean) => void>();
  let full = false;
  async function look(): Promise<void> {
    const free = Math.min(...(await Promise.all(paths.map((path) => measure(path).catch(() => Number.POSITIVE_INFINITY)))));
    const next = free < (full ? reserveBytes * 1.25 : reserveBytes);
    if (next === full) return;
    full = next;
    if (full) log.error({ reason: "disk full" }, "no room: readings are refused, devices keep them");
    else log.info({}, "there is room again");
    for (const listener of listeners) listener(full);
  }
  await look();
  const timer = setInterval(() => void look(), everyMs);
  return {
    isFull: () => full,
    onChange: (listener) => void listeners.add(listener),
    stop: () => clearInterval(timer),
  };
}
