import type { Clock } from "@episante/service/clock";
import type { Database } from "@episante/service/db";
import type { Log } from "@episante/service/log";
import { type FeedPosition, readFeedPosition } from "../storage/feed.ts";

/** What every open feed of this process follows. */
export interface FeedState {
  /** Cursor of the last committed change. */
  readonly cursor: number;
  /** Business time at which the engine's slowest partition last turned; absent while one is not alive. */
  readonly readerAt?: number;
}

const pollMs = 250;
const aliveMs = 2_000;

/** Every partition is read by somebody, and none of them stands still. */
export function isEngineAlive({ owned, ageMs }: Pick<FeedPosition, "owned" | "ageMs">, partitions: number): boolean {
  return owned >= partitions && ageMs <= aliveMs;
}

/**
 * One watcher per process over the cursor and the engine's leases. Woken by commits of this process; polls for those of others.
 * It runs only while somebody listens.
 */
export class FeedHub {
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isReading = false;
  private isWanted = false;
  state: FeedState = { cursor: 0 };

  constructor(private readonly deps: { db: Database; clock: Clock; log: Log; partitions: number; readerName: string }) {}

  /** The engine's reader, as its leases name it. */
  get engine(): { readonly readerName: string; readonly partitions: number } {
    return this.deps;
  }

  /** Feeds that are open now. */
  count(): number {
    return this.listeners.size;
  }

  /** Something was committed in this process: looks at once instead of at the next poll. */
  wake(): void {
    if (this.listeners.size > 0) void this.read();
  }

  /** This process committed the change with this cursor: every smaller one is committed too (`publishChanges`), so there is nothing to look up. */
  moveTo(cursor: number): void {
    if (cursor <= this.state.cursor) return;
    this.state = { ...this.state, cursor };
    this.tell();
  }

  /** Calls back after every look at the state. Returns the unsubscribe function. */
  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    if (this.listeners.size === 1) void this.read();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) clearTimeout(this.timer);
    };
  }

  private async read(): Promise<void> {
    if (this.isReading) {
      this.isWanted = true;
      return;
    }
    this.isReading = true;
    clearTimeout(this.timer);
    do {
      this.isWanted = false;
      await this.look();
    } while (this.isWanted);
    this.isReading = false;
    if (this.listeners.size > 0) this.timer = setTimeout(() => void this.read(), pollMs);
  }

  private async look(): Promise<void> {
    try {
      const position = await readFeedPosition(this.deps.db, this.deps.readerName);
      const isAlive = isEngineAlive(position, this.deps.partitions);
      this.state = {
        cursor: Math.max(this.state.cursor, position.cursor),
        ...(isAlive ? { readerAt: this.deps.clock.now() - position.ageMs } : {}),
      };
    } catch (error) {
      this.deps.log.warn({ err: error }, "feed position not read");
      this.state = { cursor: this.state.cursor };
    }
    this.tell();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
