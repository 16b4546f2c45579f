import type { Clock } from "@episante/service/clock";
import type { Database } from "@episante/service/db";
import type { Log } from "@episante/service/log";
import type { Caller } from "@episante/service/shared-read";
import { type FeedPosition, readFeedPosition } from "../storage/feed.ts";
import type { FeedAlert } from "./present-alerts.ts";

/** What every open feed of this process follows. */
export interface FeedState {
  /** Cursor of the last committed change. */
  readonly cursor: number;
  /** Business time at which the engine's slowest partition last turned; absent while one is not alive. */
  readonly readerAt?: number;
}

/** An open feed: whose it is, how far it was told, and what it does when there may be more. */
export interface Follower {
  readonly caller: Caller;
  /** Equal for feeds of one session with the same rights: what is decided for one holds for all. */
  readonly asWhom: string;
  readonly at: () => number;
  readonly turn: () => void;
}

/** All changes after one cursor and up to another, as read in the transaction that made them, by `asWhom` of the followers that were asked about. */
export interface FeedPage {
  readonly after: number;
  readonly upTo: number;
  readonly alerts: ReadonlyMap<string, readonly FeedAlert[]>;
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
  private readonly listeners = new Set<Follower>();
  private page: FeedPage | undefined;
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

  /**
   * This process committed the change with this cursor: every smaller one is committed too (`publishChanges`), so there is nothing to look up.
   * @param page what followers are told of it without reading
   */
  moveTo(cursor: number, page?: FeedPage): void {
    if (cursor <= this.state.cursor) return;
    this.state = { ...this.state, cursor };
    this.page = page;
    this.tell();
    this.page = undefined;
  }

  /** What a follower may be told now without reading. Only one that stands exactly where the page begins: any other would miss a change. */
  toldTo(follower: Follower): { readonly alerts: readonly FeedAlert[]; readonly upTo: number } | undefined {
    if (this.page?.after !== follower.at()) return undefined;
    const alerts = this.page.alerts.get(follower.asWhom);
    return alerts && { alerts, upTo: this.page.upTo };
  }

  /** Followers that were told everything this process knows of. */
  inStep(): Follower[] {
    return [...this.listeners].filter(({ at }) => at() === this.state.cursor);
  }

  /** Gives the follower its turn after every look at the state. Returns the unsubscribe function. */
  listen(follower: Follower): () => void {
    this.listeners.add(follower);
    if (this.listeners.size === 1) void this.read();
    return () => {
      this.listeners.delete(follower);
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
    for (const { turn } of [...this.listeners]) turn();
  }
}
