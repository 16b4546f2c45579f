import type { Alert } from "@episante/contracts/alert";
import { isRefusal } from "@episante/contracts/problem";
import type { Caller } from "@episante/service/shared-read";
import { startSpan } from "@episante/service/trace";
import type { AlertDeps } from "../deps.ts";
import type { Follower } from "./feed-hub.ts";
import { type FeedReader, feedCode } from "./read-feed.ts";

const heartbeatMs = 1_000;
/** Most changes looked at in one transaction. */
const chunk = 2_000;
/** A console this many bytes behind is cut off: it resumes by its last event id. */
const mostBytesBehind = 1024 * 1024;

const encoder = new TextEncoder();
const frameOf = (event: string, id: number, data: unknown) =>
  encoder.encode(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);

/** Frames as bytes, made once for all consoles that are told the same. */
export interface Encoder {
  /** Consoles that were answered together share the object, and so its bytes. */
  alert(alert: Alert): Uint8Array;
  heartbeat(cursor: number, atMs: number, readerAtMs: number): Uint8Array;
}

export function makeEncoder(): Encoder {
  const encoded = new WeakMap<Alert, Uint8Array>();
  let last: { readonly key: string; readonly bytes: Uint8Array } | undefined;
  return {
    alert(alert) {
      const bytes = encoded.get(alert) ?? frameOf("alert", alert.cursor, alert);
      encoded.set(alert, bytes);
      return bytes;
    },
    heartbeat(cursor, atMs, readerAtMs) {
      const key = `${cursor} ${atMs} ${readerAtMs}`;
      if (last?.key !== key) {
        const heartbeat = { at: new Date(atMs).toISOString(), readerAt: new Date(readerAtMs).toISOString() };
        last = { key, bytes: frameOf("heartbeat", cursor, heartbeat) };
      }
      return last.bytes;
    },
  };
}

/**
 * One console's feed: what changed after `start`, then each change as it is committed, and a heartbeat a second while the engine's
 * readers are alive. Ends when `signal` aborts or the console is too slow.
 */
export function feedStream(
  deps: AlertDeps,
  caller: Caller,
  read: FeedReader,
  encode: Encoder,
  start: number,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  let cursor = start;
  let stop: () => void = () => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isOpen = true;
        let isBusy = false;
        let beatAt = 0;
        const follow = async () => {
          while (isOpen && cursor < deps.feed.state.cursor) {
            const told = deps.relationships.fresh() ? deps.feed.toldTo(follower) : undefined;
            const upTo = told?.upTo ?? Math.min(deps.feed.state.cursor, cursor + chunk);
            const page = told ?? (await read(caller, { after: cursor, upTo }));
            if (!isOpen || isRefusal(page)) return;
            if (told) deps.metrics.actions.inc({ action: feedCode, outcome: "ok" });
            for (const { alert, traceparent } of page.alerts) {
              const span = startSpan({ name: "feed alert", kind: "producer", parent: traceparent ?? null });
              controller.enqueue(encode.alert(alert));
              span?.end();
            }
            cursor = upTo;
          }
          const { readerAt } = deps.feed.state;
          if (!isOpen || readerAt === undefined || !deps.relationships.fresh() || performance.now() - beatAt < heartbeatMs) return;
          // The second one comes early: consoles that opened together would otherwise all be told in the same moment, again and again.
          beatAt = performance.now() - 20 - (beatAt === 0 ? Math.random() * heartbeatMs : 0);
          controller.enqueue(encode.heartbeat(cursor, deps.clock.now(), readerAt));
        };
        const turn = async () => {
          if (isBusy) return;
          isBusy = true;
          try {
            await follow();
            if ((controller.desiredSize ?? 0) < -mostBytesBehind) throw new Error("console too slow");
          } catch {
            // The client may have gone in the meantime: then the stream is closed already.
            if (!isOpen) return;
            stop();
            controller.close();
          } finally {
            isBusy = false;
          }
        };
        const quiet = setInterval(() => controller.enqueue(encoder.encode(": open\n\n")), 15_000);
        const follower: Follower = { caller, asWhom: JSON.stringify(caller.actor), at: () => cursor, turn: () => void turn() };
        const unsubscribe = deps.feed.listen(follower);
        stop = () => {
          isOpen = false;
          clearInterval(quiet);
          unsubscribe();
        };
        signal.addEventListener("abort", () => stop(), { once: true });
        controller.enqueue(encoder.encode(": open\n\n"));
      },
      cancel: () => stop(),
    },
    { highWaterMark: 0, size: (part) => part?.byteLength ?? 0 },
  );
}
