import type { Batch, RefusedItem } from "@episante/contracts/reading";
import { openHttpLink } from "./links/http-link.ts";
import type { DoorName, Link, LinkTarget, OpenLink } from "./links/link.ts";
import { openMqttLink } from "./links/mqtt-link.ts";
import { openNatsLink } from "./links/nats-link.ts";
import { openSocketLink } from "./links/socket-link.ts";
import type { Outbox } from "./outbox.ts";

/** What became of a batch: on disk, with the single readings that were not kept; or refused as a whole for good. */
export type Settlement =
  | { readonly kind: "acked"; readonly refusedItems: readonly RefusedItem[] }
  | { readonly kind: "refused"; readonly code: string };

export interface UplinkOptions extends LinkTarget {
  /** Default `ws`. */
  readonly door?: DoorName;
  /**
   * `live-first` (default): what is measured now goes before what waited while the link was away, which gets a quarter of the credit.
   * `in-order`: as appended, for recordings, whose later part must not overtake.
   */
  readonly order?: "live-first" | "in-order";
  readonly outbox: Outbox;
  /** W3C trace context to send along with a batch, so that the server's traces and logs can be found from the device's. */
  readonly traceparentOf?: (batch: Batch) => string | undefined;
  readonly onSettled?: (batch: Batch, settlement: Settlement) => void;
  readonly onState?: (state: UplinkState) => void;
}

/** `rejected`: the token is not valid (any more); the uplink has given up. */
export type UplinkState = "connecting" | "online" | "offline" | "rejected" | "closed";

export interface Uplink {
  /** Says that this batch was appended to the outbox. */
  wake(batch: Batch): void;
  state(): UplinkState;
  close(): Promise<void>;
}

const links: Record<DoorName, OpenLink> = { ws: openSocketLink, http: openHttpLink, nats: openNatsLink, mqtt: openMqttLink };

/** Codes that pass by themselves, or concern the token: the batch stays in the outbox. Everything else would be refused again. */
const passing = new Set([
  "invalid-token",
  "back-pressure",
  "not-ready",
  "mirror-stale",
  "internal-error",
  "too-many-requests",
  "capacity-exhausted",
  "upstream-unreachable",
]);
const minWaitMs = 200;
const maxWaitMs = 5_000;
/** Nothing heard for so long although batches are out: the connection is taken for dead. Longer than the MQTT door holds a batch (20 s). */
const stallMs = 30_000;
/** Of the credit, what a backlog may use while live batches may come. */
const backlogShare = 1 / 4;

interface Sent {
  readonly batch: Batch;
  readonly isLive: boolean;
}

/**
 * Sends what the outbox holds by one door, within the credit the server gives, and settles what the server has on disk.
 * A lost connection comes back with jittered, growing pauses; what was not acknowledged is sent again under the same number.
 */
export function startUplink(options: UplinkOptions): Uplink {
  const { outbox, order = "live-first" } = options;
  const open = links[options.door ?? "ws"];
  const sent = new Map<string, Sent>();
  /** Appended while the link was up, not sent yet. Everything else in the outbox is backlog. */
  const live = new Map<string, Batch>();
  let link: Link | null = null;
  let credit = 0;
  let state: UplinkState = "connecting";
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let heardAtMs = Date.now();

  const become = (next: UplinkState) => {
    if (state === next) return;
    state = next;
    options.onState?.(next);
  };
  const isOver = () => state === "closed" || state === "rejected";
  const sentLive = () => [...sent.values()].filter(({ isLive }) => isLive).length;

  function send(batch: Batch, isLive: boolean): void {
    sent.set(keyOf(batch), { batch, isLive });
    const traceparent = options.traceparentOf?.(batch);
    link?.send(traceparent ? { ...batch, traceparent } : batch);
  }

  function pump(): void {
    if (state !== "online" || !link) return;
    for (const [key, batch] of live) {
      if (sent.size >= credit) return;
      live.delete(key);
      send(batch, true);
    }
    const liveOut = sentLive();
    const waiting = outbox.size() - live.size - sent.size;
    const share = order === "in-order" ? credit : Math.max(1, Math.floor(credit * backlogShare));
    let room = Math.min(waiting, share - (sent.size - liveOut), credit - sent.size);
    if (room <= 0) return;
    for (const batch of outbox.pending()) {
      if (room <= 0 || !link) return;
      const key = keyOf(batch);
      if (sent.has(key) || live.has(key)) continue;
      room--;
      send(batch, false);
    }
  }

  function settle(boot: string, seq: number, settlement: Settlement): void {
    const key = keyOf({ boot, seq });
    const entry = sent.get(key);
    if (!entry) return;
    sent.delete(key);
    outbox.settle(boot, seq);
    options.onSettled?.(entry.batch, settlement);
  }

  function connect(): void {
    if (isOver()) return;
    become("connecting");
    credit = 0;
    sent.clear();
    live.clear();
    heardAtMs = Date.now();
    /** Answers of a link that was given up must not count for the one after it. */
    let isCurrent = true;
    const heard = (react: () => void) => {
      if (!isCurrent || isOver()) return;
      heardAtMs = Date.now();
      react();
      pump();
    };
    const opened = open(options, {
      credit: (most) =>
        heard(() => {
          credit = most;
          become("online");
        }),
      acked: (boot, seq, refusedItems) =>
        heard(() => {
          failures = 0;
          settle(boot, seq, { kind: "acked", refusedItems });
        }),
      refused: (boot, seq, code) =>
        heard(() => {
          failures = 0;
          if (!passing.has(code)) return settle(boot, seq, { kind: "refused", code });
          // Not now: it goes out again after a pause, still under its number.
          setTimeout(() => {
            if (!isCurrent) return;
            sent.delete(keyOf({ boot, seq }));
            pump();
          }, jitter(500));
        }),
      lost(why) {
        if (!isCurrent) return;
        isCurrent = false;
        link = null;
        if (isOver()) return;
        if (why === "rejected") return become("rejected");
        become("offline");
        timer = setTimeout(connect, jitter(Math.min(maxWaitMs, minWaitMs * 2 ** Math.min(failures++, 10))));
      },
    });
    if (isCurrent) link = opened;
    giveUp = () => {
      if (!isCurrent) return;
      isCurrent = false;
      link = null;
      opened.close();
    };
  }

  let giveUp = () => {};
  const watchdog = setInterval(() => {
    if (state !== "online" || sent.size === 0 || Date.now() - heardAtMs < stallMs) return;
    giveUp();
    become("offline");
    timer = setTimeout(connect, jitter(minWaitMs));
  }, 1_000);
  connect();
  return {
    wake(batch) {
      if (order === "live-first" && state === "online") live.set(keyOf(batch), batch);
      pump();
    },
    state: () => state,
    async close() {
      clearTimeout(timer);
      clearInterval(watchdog);
      become("closed");
      giveUp();
    },
  };
}

function keyOf({ boot, seq }: Pick<Batch, "boot" | "seq">): string {
  return `${boot}/${seq}`;
}

/** Between half and the whole of a pause, so that a thousand devices do not come back at once. */
function jitter(ms: number): number {
  return ms / 2 + (Math.random() * ms) / 2;
}
