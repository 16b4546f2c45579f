import { makeEventParser, type ServerSentEvent } from "./server-sent-events.ts";

/** `connecting` before the first heartbeat, `live` while heartbeats come, `lost` when none came for `lostAfterMs`, `refused` when signed out. */
export type LinkState = "connecting" | "live" | "lost" | "refused";

export interface LiveFeedOptions {
  readonly url: string;
  /** Event id to start behind; absent: the feed starts at now. */
  readonly cursor?: number;
  /** Every event but heartbeats. */
  readonly onEvent: (event: ServerSentEvent) => void;
  /** `at` = server time of the heartbeat; `lostSince` is set once, with the heartbeat that ends an interruption. */
  readonly onHeartbeat: (beat: { at: string; receivedAt: number; lostSince?: number }) => void;
  readonly onLost: (since: number) => void;
  /** 401 or 403: the session ended. The feed stops; call `restart` after signing in. */
  readonly onRefused: () => void;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  readonly lostAfterMs?: number;
}
export interface LiveFeed {
  state(): LinkState;
  /** Connects again at once, for example after signing in, after sleep, or when the network is back. */
  restart(): void;
  /** Looks at the clock now and does what is due: timers do not run while a computer sleeps, and late in a hidden page. May be called often. */
  check(): void;
  stop(): void;
}

/** No heartbeat for this long means that the feed is lost. Milliseconds; the server sends one each second. */
export const lostAfterMs = 3000;
const backoffMs = [250, 500, 1000, 2000, 3000] as const;

/**
 * Follows a feed of server-sent events for as long as it lives. A fetch stream, not an EventSource, because the resume point must survive our own
 * reconnects: each connection sends `Last-Event-ID` with the id of the last event it handed over, so nothing is missed.
 */
export function makeLiveFeed(options: LiveFeedOptions): LiveFeed {
  const now = options.now ?? Date.now;
  const get = options.fetch ?? fetch;
  const patience = options.lostAfterMs ?? lostAfterMs;
  let cursor = options.cursor;
  let state: LinkState = "connecting";
  let lastBeat = now();
  let attempt = 0;
  let stopped = false;
  let connection: AbortController | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  // When each timer should have run: `check` makes up for timers that a hidden or sleeping page ran late.
  let watchAt = Number.POSITIVE_INFINITY;
  let retryAt = Number.POSITIVE_INFINITY;

  function watch(): void {
    clearTimeout(watchdog);
    if (stopped || state === "refused") return;
    watchAt = lastBeat + patience;
    watchdog = setTimeout(expire, Math.max(0, watchAt - now()));
  }
  function expire(): void {
    if (stopped || state === "refused") return;
    if (now() - lastBeat < patience) {
      watch();
      return;
    }
    if (state !== "lost") {
      state = "lost";
      options.onLost(lastBeat);
    }
    // A socket that is open but silent is as good as cut: replace it.
    connect();
    // A slow network gets longer than the first silence before it is cut again.
    clearTimeout(watchdog);
    watchAt = now() + patience * 3;
    watchdog = setTimeout(expire, patience * 3);
  }
  function beat(data: string): void {
    const wasLost = state === "lost";
    const lostSince = lastBeat;
    lastBeat = now();
    state = "live";
    attempt = 0;
    const { at } = JSON.parse(data) as { at: string };
    options.onHeartbeat({ at, receivedAt: lastBeat, ...(wasLost ? { lostSince } : {}) });
    watch();
  }
  function refused(): void {
    state = "refused";
    clearTimeout(watchdog);
    clearTimeout(retry);
    options.onRefused();
  }
  function again(): void {
    if (stopped || state === "refused") return;
    clearTimeout(retry);
    const wait = backoffMs[Math.min(attempt++, backoffMs.length - 1)] ?? 0;
    retryAt = now() + wait;
    retry = setTimeout(connect, wait);
  }
  function connect(): void {
    clearTimeout(retry);
    retryAt = Number.POSITIVE_INFINITY;
    connection?.abort();
    const mine = new AbortController();
    connection = mine;
    void follow(mine);
  }
  async function follow(mine: AbortController): Promise<void> {
    try {
      const response = await get(options.url, {
        headers: { accept: "text/event-stream", ...(cursor === undefined ? {} : { "last-event-id": String(cursor) }) },
        cache: "no-store",
        credentials: "same-origin",
        signal: mine.signal,
      });
      if (mine.signal.aborted) return;
      if (response.status === 401 || response.status === 403) return refused();
      if (!response.ok || !response.body) return again();
      const parse = makeEventParser((event) => {
        if (mine.signal.aborted) return;
        if (event.type === "heartbeat") beat(event.data);
        else options.onEvent(event);
        // A heartbeat may overtake what is still being caught up: once there is a cursor, only what was handed over moves it.
        const id = Number(event.id);
        if (id > 0 && (cursor === undefined || event.type !== "heartbeat")) cursor = Math.max(cursor ?? 0, id);
      });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        parse(value);
      }
    } catch {
      // Network errors and our own aborts end here; the next attempt is the answer to both.
    }
    if (!mine.signal.aborted) again();
  }
  connect();
  watch();
  return {
    state: () => state,
    restart() {
      if (stopped) return;
      if (state === "refused") {
        state = "connecting";
        lastBeat = now();
      }
      attempt = 0;
      connect();
      watch();
    },
    check() {
      if (stopped || state === "refused") return;
      if (now() >= watchAt) expire();
      else if (now() >= retryAt) connect();
    },
    stop() {
      stopped = true;
      clearTimeout(watchdog);
      clearTimeout(retry);
      connection?.abort();
    },
  };
}
