import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import type { Alert } from "@episante/contracts/alert";
import { type LiveFeed, lostAfterMs } from "../../../shared/lib/live-feed.ts";
import { alertFixture } from "../../test/alert-fixture.ts";
import { makeAlertFeed } from "./alert-feed.ts";

/** A server for the feed: each connection is kept with the resume point it asked for. */
class Server {
  readonly connections: { lastEventId: string; send: (text: string) => void; end: () => void; aborted: () => boolean }[] = [];
  status = 200;
  down = false;
  readonly fetch = (async (_url: unknown, init?: RequestInit) => {
    if (this.down) throw new TypeError("network");
    const headers = new Headers(init?.headers);
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const close = () => {
          try {
            controller.close();
          } catch {
            // Closed already.
          }
        };
        init?.signal?.addEventListener("abort", close);
        this.connections.push({
          lastEventId: headers.get("last-event-id") ?? "",
          send: (text) => controller.enqueue(encoder.encode(text)),
          end: close,
          aborted: () => init?.signal?.aborted ?? false,
        });
      },
    });
    return new Response(this.status === 200 ? body : null, { status: this.status });
  }) as typeof fetch;
  get last() {
    const connection = this.connections.at(-1);
    if (!connection) throw new Error("no connection");
    return connection;
  }
  beat(): void {
    this.last.send('event: heartbeat\ndata: {"at":"2026-01-15T08:00:00.000Z","readerAt":"2026-01-15T08:00:00.000Z"}\n\n');
  }
  alert(alert: Alert): void {
    this.last.send(`event: alert\nid: ${alert.cursor}\ndata: ${JSON.stringify(alert)}\n\n`);
  }
}

let server: Server;
let log: string[];
let feed: LiveFeed;
let clock = 0;
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};
async function pass(ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 50) {
    clock += 50;
    jest.advanceTimersByTime(50);
    await settled();
  }
}
beforeEach(async () => {
  jest.useFakeTimers();
  server = new Server();
  log = [];
  clock = 1_000_000;
  feed = makeAlertFeed({
    cursor: 40,
    fetch: server.fetch,
    now: () => clock,
    onAlert: (alert) => log.push(alert.rule.name),
    onHeartbeat: (beat) => log.push(beat.lostSince === undefined ? "beat" : `back after ${clock - beat.lostSince}`),
    onLost: (since) => log.push(`lost after ${clock - since}`),
    onRefused: () => log.push("refused"),
  });
  await settled();
});
afterEach(() => {
  feed.stop();
  jest.useRealTimers();
});

describe("link", () => {
  test("starts behind the cursor of the list and is live with the first heartbeat", async () => {
    expect(server.last.lastEventId).toBe("40");
    expect(feed.state()).toBe("connecting");
    server.beat();
    await settled();
    expect(feed.state()).toBe("live");
  });

  test("an open socket without heartbeats is lost after three seconds, told once, and replaced", async () => {
    server.beat();
    await settled();
    const silent = server.last;
    await pass(lostAfterMs - 100);
    expect(feed.state()).toBe("live");
    await pass(200);
    expect(feed.state()).toBe("lost");
    expect(silent.aborted()).toBe(true);
    expect(server.connections).toHaveLength(2);
    await pass(30_000);
    expect(log.filter((entry) => entry.startsWith("lost"))).toHaveLength(1);
  });

  test("no first heartbeat at all is lost too", async () => {
    await pass(lostAfterMs + 50);
    expect(feed.state()).toBe("lost");
  });

  test("a cut connection comes back by itself from the last alert handed over, without a word when it is quick", async () => {
    server.beat();
    server.alert(alertFixture("a", { cursor: 41 }));
    await settled();
    server.last.end();
    await pass(600);
    expect(server.connections).toHaveLength(2);
    expect(server.last.lastEventId).toBe("41");
    server.beat();
    await settled();
    expect(log).toEqual(["beat", "a", "beat"]);
  });

  test("after an interruption everything missed arrives before the heartbeat that ends it", async () => {
    server.beat();
    await settled();
    server.down = true;
    server.last.end();
    await pass(9000);
    expect(feed.state()).toBe("lost");
    server.down = false;
    await pass(3100);
    server.alert(alertFixture("missed", { cursor: 50 }));
    server.beat();
    await settled();
    expect(feed.state()).toBe("live");
    expect(log.slice(-2)).toEqual(["missed", expect.stringMatching(/^back after \d+$/)]);
  });

  test("after sleep the clock is looked at before any timer has run", async () => {
    server.beat();
    await settled();
    clock += 600_000;
    feed.check();
    await settled();
    expect(feed.state()).toBe("lost");
    expect(log.at(-1)).toBe("lost after 600000");
  });

  test("a page whose timers do not run is kept right by checks alone: lost in three seconds, then connected again", async () => {
    server.beat();
    await settled();
    server.last.end();
    await settled();
    server.down = true;
    for (let second = 1; second <= 4; second++) {
      clock += 1000;
      feed.check();
      await settled();
    }
    expect(log.at(-1)).toBe("lost after 3000");
    server.down = false;
    for (let second = 1; second <= 4; second++) {
      clock += 1000;
      feed.check();
      await settled();
    }
    expect(server.connections).toHaveLength(2);
    server.beat();
    await settled();
    expect(feed.state()).toBe("live");
  });

  test("checks every second do not cut a connection that is only slow", async () => {
    await pass(lostAfterMs + 50);
    const tries = server.connections.length;
    for (let second = 1; second <= 5; second++) {
      clock += 1000;
      feed.check();
      await settled();
    }
    expect(server.connections).toHaveLength(tries);
  });

  test("a session that ended stops the attempts until somebody signs in", async () => {
    server.beat();
    await settled();
    server.status = 401;
    server.last.end();
    await pass(400);
    expect(feed.state()).toBe("refused");
    const tries = server.connections.length;
    await pass(20_000);
    expect(server.connections).toHaveLength(tries);
    expect(log).not.toContain("lost after 3000");
    server.status = 200;
    feed.restart();
    await settled();
    server.beat();
    await settled();
    expect(feed.state()).toBe("live");
  });

  test("a stopped feed says and asks nothing more", async () => {
    feed.stop();
    await pass(20_000);
    expect(log).toEqual([]);
    expect(server.connections).toHaveLength(1);
  });
});
