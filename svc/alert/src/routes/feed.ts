import { type Alert, alertFeed } from "@episante/contracts/alert";
import { isRefusal } from "@episante/contracts/problem";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { startSpan } from "@episante/service/trace";
import { prefetchName } from "../actions/name-owners.ts";
import { type FeedReader, makeFeedReader, openFeed } from "../actions/read-feed.ts";
import type { AlertDeps } from "../deps.ts";

const heartbeatMs = 1_000;
/** Most changes looked at in one transaction. */
const chunk = 2_000;
/** A console this many bytes behind is cut off: it resumes by its last event id. */
const mostBytesBehind = 1024 * 1024;

/** The live feed: server-sent events out of this service's own tables. */
export const feedRoute = (deps: AlertDeps): BoundRoute => {
  const read = makeFeedReader(deps);
  const encode = makeEncoder();
  return bind(alertFeed, async ({ actor, meta, signal }) => {
    const opened = await openFeed(deps, actor, {}, meta);
    if (isRefusal(opened)) return opened;
    if (actor.kind === "user") prefetchName(deps, actor.accountId);
    const asked = Number(meta.headers.get("last-event-id") ?? Number.NaN);
    const cursor = Number.isSafeInteger(asked) && asked >= 0 && asked <= opened.cursor ? asked : opened.cursor;
    // The stream outlives the request by hours: what it reads is no part of the request's trace.
    const caller = { actor, meta: { traceId: meta.traceId } };
    return new Response(
      feedStream(deps, (range) => read(caller, range), encode, cursor, signal),
      {
        headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" },
      },
    );
  });
};

const encoder = new TextEncoder();
const frameOf = (event: string, id: number, data: unknown) =>
  encoder.encode(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);

/** An alert as sent. Consoles that were answered together share the object, and so its bytes. */
function makeEncoder(): (alert: Alert) => Uint8Array {
  const encoded = new WeakMap<Alert, Uint8Array>();
  return (alert) => {
    const bytes = encoded.get(alert) ?? frameOf("alert", alert.cursor, alert);
    encoded.set(alert, bytes);
    return bytes;
  };
}

function feedStream(
  deps: AlertDeps,
  read: (range: { after: number; upTo: number }) => ReturnType<FeedReader>,
  encode: (alert: Alert) => Uint8Array,
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
            const upTo = Math.min(deps.feed.state.cursor, cursor + chunk);
            const page = await read({ after: cursor, upTo });
            if (!isOpen || isRefusal(page)) return;
            for (const { alert, traceparent } of page.alerts) {
              const span = startSpan({ name: "feed alert", kind: "producer", parent: traceparent ?? null });
              controller.enqueue(encode(alert));
              span?.end();
            }
            cursor = upTo;
          }
          const { readerAt } = deps.feed.state;
          if (!isOpen || readerAt === undefined || !deps.relationships.fresh() || performance.now() - beatAt < heartbeatMs) return;
          beatAt = performance.now() - 20;
          const heartbeat = { at: new Date(deps.clock.now()).toISOString(), readerAt: new Date(readerAt).toISOString() };
          controller.enqueue(frameOf("heartbeat", cursor, heartbeat));
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
        const unsubscribe = deps.feed.listen(() => void turn());
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
