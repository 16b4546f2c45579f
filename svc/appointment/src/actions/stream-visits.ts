import type { Clock } from "@episante/service/clock";
import type { Screen, VisitFeed } from "./visit-feed.ts";

const heartbeatMs = 1_000;
/** A screen this many bytes behind is cut off: it resumes by its last event id. */
const mostBytesBehind = 1024 * 1024;
const encoder = new TextEncoder();
const frameOf = (event: string, id: number, data: unknown) =>
  encoder.encode(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);

/**
 * One screen's feed: what it missed since its last event, then each change, and a heartbeat a second while changes are being read.
 * Ends when `signal` aborts or the screen is too slow.
 */
export function visitStream(
  { feed, clock }: { feed: Pick<VisitFeed, "open" | "missedBy">; clock: Pick<Clock, "now"> },
  who: Pick<Screen, "caller" | "doctorIds">,
  lastEventId: number | null,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  let stop: () => void = () => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isOpen = true;
        let beatAt = Number.NEGATIVE_INFINITY;
        const send = (part: Uint8Array) => {
          if (!isOpen) return;
          controller.enqueue(part);
          if ((controller.desiredSize ?? 0) >= -mostBytesBehind) return;
          stop();
          controller.close();
        };
        // Changes that come while a screen catches up wait for what it missed: its cursor must never be ahead of that.
        let waiting: Parameters<Screen["tell"]>[] | null = lastEventId === null ? null : [];
        const tell: Screen["tell"] = (visits, cursor) => {
          for (const visit of visits) send(frameOf("visit", cursor, visit));
        };
        const screen: Screen = {
          ...who,
          tell: (...change) => (waiting ? void waiting.push(change) : tell(...change)),
          // Without an id: held times are no change that a cursor stands behind.
          hold: (items) => send(encoder.encode(`event: held\ndata: ${JSON.stringify({ items })}\n\n`)),
          beat: (cursor) => {
            if (waiting || performance.now() - beatAt < heartbeatMs) return;
            beatAt = performance.now();
            send(frameOf("heartbeat", cursor, { at: new Date(clock.now()).toISOString() }));
          },
        };
        const close = feed.open(screen);
        const end = () => {
          isOpen = false;
          close();
        };
        stop = end;
        signal.addEventListener("abort", end, { once: true });
        send(encoder.encode(": open\n\n"));
        if (lastEventId === null) return;
        // What is told meanwhile may come twice; nothing is missed.
        const reset = () => send(encoder.encode("event: reset\ndata: {}\n\n"));
        feed
          .missedBy(screen, lastEventId)
          .then((missed) => (missed ? tell(missed.visits, missed.cursor) : reset()), reset)
          .finally(() => {
            const late = waiting ?? [];
            waiting = null;
            for (const change of late) tell(...change);
          });
      },
      cancel: () => stop(),
    },
    { highWaterMark: 0, size: (part) => part?.byteLength ?? 0 },
  );
}
