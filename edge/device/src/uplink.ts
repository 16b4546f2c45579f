import type { Batch, RefusedItem, ServerFrame } from "@episante/contracts/reading";
import { serverFrameSchema } from "@episante/contracts/reading";
import type { Outbox } from "./outbox.ts";

/** What became of a batch: on disk, with the single readings that were not kept; or refused as a whole for good. */
export type Settlement =
  | { readonly kind: "acked"; readonly refusedItems: readonly RefusedItem[] }
  | { readonly kind: "refused"; readonly code: string };

export interface UplinkOptions {
  /** The server's address, for example `https://clinic.example`. */
  readonly url: string;
  /** The device's token. */
  readonly token: string;
  readonly outbox: Outbox;
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string;
  /** W3C trace context to send along with a batch, so that the server's traces and logs can be found from the device's. */
  readonly traceparentOf?: (batch: Batch) => string | undefined;
  readonly onSettled?: (batch: Batch, settlement: Settlement) => void;
  readonly onState?: (state: UplinkState) => void;
}

/** `rejected`: the token is not valid (any more); the uplink has given up. */
export type UplinkState = "connecting" | "online" | "offline" | "rejected" | "closed";

export interface Uplink {
  /** Says that the outbox has something new. */
  wake(): void;
  state(): UplinkState;
  close(): Promise<void>;
}

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
const closeRevoked = 4401;
const minWaitMs = 200;
const maxWaitMs = 5_000;
/** Nothing acknowledged for so long although batches are out: the connection is taken for dead. */
const stallMs = 20_000;

interface Sent {
  readonly batch: Batch;
  refusedItems: readonly RefusedItem[];
}

/**
 * Sends what the outbox holds over one WebSocket, in order and within the credit the server gives, and settles what the server has on disk.
 * A lost connection comes back with jittered, growing pauses; what was not acknowledged is sent again under the same number.
 */
export function startUplink(options: UplinkOptions): Uplink {
  const { outbox } = options;
  const target = new URL("/api/devices/stream", options.url);
  target.protocol = target.protocol === "https:" ? "wss:" : "ws:";
  const sent = new Map<string, Sent>();
  let socket: WebSocket | null = null;
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

  function pump(): void {
    if (state !== "online" || !socket) return;
    if (sent.size >= credit) return;
    for (const batch of outbox.pending()) {
      if (sent.size >= credit) return;
      const key = `${batch.boot}/${batch.seq}`;
      if (sent.has(key)) continue;
      sent.set(key, { batch, refusedItems: [] });
      const traceparent = options.traceparentOf?.(batch);
      socket.send(JSON.stringify(traceparent ? { ...batch, traceparent } : batch));
    }
  }

  function settle(boot: string, seq: number, settlement: (entry: Sent) => Settlement): void {
    const entry = sent.get(`${boot}/${seq}`);
    if (!entry) return;
    sent.delete(`${boot}/${seq}`);
    outbox.settle(boot, seq);
    options.onSettled?.(entry.batch, settlement(entry));
  }

  function hear(frame: ServerFrame): void {
    heardAtMs = Date.now();
    if ("credit" in frame) credit = frame.credit;
    else if ("ack" in frame) settle(frame.boot, frame.ack, ({ refusedItems }) => ({ kind: "acked", refusedItems }));
    else if ("refused" in frame) {
      const entry = sent.get(`${frame.boot}/${frame.refused}`);
      if (entry) entry.refusedItems = frame.items;
    } else if (!passing.has(frame.problem.code)) {
      settle(frame.boot, frame.nack, () => ({ kind: "refused", code: frame.problem.code }));
    } else {
      // Not now: it goes out again after a pause, still under its number.
      setTimeout(() => {
        sent.delete(`${frame.boot}/${frame.nack}`);
        pump();
      }, jitter(500));
    }
    pump();
  }

  function connect(): void {
    if (isOver()) return;
    become("connecting");
    const opening = new WebSocket(target, {
      headers: { authorization: `Bearer ${options.token}` },
      ...(options.ca ? { tls: { ca: options.ca } } : {}),
    } as unknown as string[]);
    socket = opening;
    let wasOpen = false;
    opening.onopen = () => {
      wasOpen = true;
      failures = 0;
      credit = 0;
      sent.clear();
      heardAtMs = Date.now();
      become("online");
    };
    opening.onmessage = (event) => {
      const frame = serverFrameSchema.safeParse(parseJson(event.data));
      if (frame.success) hear(frame.data as ServerFrame);
    };
    opening.onerror = () => {};
    opening.onclose = (event) => void lost(opening, event.code, wasOpen);
  }

  async function lost(from: WebSocket, code: number, wasOpen: boolean): Promise<void> {
    if (socket !== from || isOver()) return;
    socket = null;
    if (code === closeRevoked || (!wasOpen && (await isTokenRefused(options)))) return become("rejected");
    if (isOver()) return;
    become("offline");
    const waitMs = Math.min(maxWaitMs, minWaitMs * 2 ** failures++);
    timer = setTimeout(connect, jitter(waitMs));
  }

  const watchdog = setInterval(() => {
    if (state === "online" && sent.size > 0 && Date.now() - heardAtMs > stallMs) {
      heardAtMs = Date.now();
      socket?.close();
    }
  }, 1_000);
  connect();
  return {
    wake: pump,
    state: () => state,
    async close() {
      clearTimeout(timer);
      clearInterval(watchdog);
      become("closed");
      socket?.close(1000);
    },
  };
}

/** A WebSocket client is not told why an upgrade was refused; the HTTP door says it. */
async function isTokenRefused({ url, token, ca }: UplinkOptions): Promise<boolean> {
  try {
    const answer = await fetch(new URL("/api/devices/readings", url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: "{}",
      signal: AbortSignal.timeout(3_000),
      ...(ca ? { tls: { ca } } : {}),
    } as RequestInit);
    return answer.status === 401;
  } catch {
    return false;
  }
}

/** Between half and the whole of a pause, so that a thousand devices do not come back at once. */
function jitter(ms: number): number {
  return ms / 2 + (Math.random() * ms) / 2;
}

function parseJson(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
}
