import type { Server, ServerWebSocket, WebSocketHandler } from "bun";
import { z } from "zod";

/**
 * Where a service takes the gateway's channel: one WebSocket that carries all its event streams, so that bytes which many consoles are told
 * cross once. Each stream is opened by a request of its own, with a token of its own; the gateway forwards nobody to this path.
 */
export const channelPath = "/channel";

const askSchema = z.union([
  z.strictObject({ open: z.int().min(0), target: z.string().startsWith("/"), headers: z.record(z.string(), z.string()) }),
  z.strictObject({ close: z.int().min(0) }),
]);
/** What the gateway asks: to open a stream with a GET request, or to close one. */
export type ChannelAsk = z.infer<typeof askSchema>;

/** What a service says of a stream in text: how its request was answered, where a `body` means that there is no stream, and its end. */
export type ChannelWord =
  | { readonly of: number; readonly status: number; readonly headers: readonly (readonly [string, string])[]; readonly body?: string }
  | { readonly ended: number };

/** More waiting bytes than this, and streams are no longer read: each cuts itself off when it falls behind. */
const mostBytesBehind = 1024 * 1024;

/** Bytes for several streams in one message: how many they are, their numbers, and what each of them is told. */
export function encodePart(streams: readonly number[], bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(4 * (1 + streams.length) + bytes.byteLength);
  new Uint32Array(message.buffer, 0, 1 + streams.length).set([streams.length, ...streams]);
  message.set(bytes, 4 * (1 + streams.length));
  return message;
}

/** Reads what `encodePart` wrote. */
export function decodePart(message: ArrayBuffer): { readonly streams: Uint32Array; readonly bytes: Uint8Array } {
  const [count = 0] = new Uint32Array(message, 0, 1);
  return { streams: new Uint32Array(message, 4, count), bytes: new Uint8Array(message, 4 * (1 + count)) };
}

interface Part {
  readonly bytes: Uint8Array;
  readonly streams: number[];
}

/** The service's end of one channel. */
export class ChannelEnd {
  private readonly stops = new Map<number, () => void>();
  private parts: Part[] = [];
  /** The place of the last part that each stream is told in. */
  private places = new Map<number, number>();
  private behind: PromiseWithResolvers<void> | undefined;

  constructor(
    private readonly socket: Pick<ServerWebSocket, "send" | "getBufferedAmount" | "close">,
    private readonly answer: (request: Request) => Response | Promise<Response>,
  ) {}

  /** Does what the gateway asks. What is no question of its ends the channel. */
  take(text: string): void {
    const asked = askOf(text);
    if (!asked) this.socket.close(1008, "not understood");
    else if ("open" in asked) void this.open(asked);
    else this.stops.get(asked.close)?.();
  }

  /** The socket takes bytes again. */
  drained(): void {
    this.behind?.resolve();
    this.behind = undefined;
  }

  /** The channel is gone, and all its streams with it. */
  end(): void {
    this.drained();
    for (const stop of [...this.stops.values()]) stop();
  }

  private async open({ open: of, target, headers }: Extract<ChannelAsk, { open: number }>): Promise<void> {
    const abort = new AbortController();
    this.stops.set(of, () => abort.abort());
    try {
      const response = await this.answer(new Request(`http://channel${target}`, { headers, signal: abort.signal }));
      const head = { of, status: response.status, headers: [...response.headers] };
      if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream"))
        return this.say({ ...head, body: await response.text() });
      const reader = response.body.getReader();
      this.stops.set(of, () => {
        abort.abort();
        reader.cancel().catch(() => {});
      });
      if (abort.signal.aborted) return void reader.cancel().catch(() => {});
      this.say(head);
      await this.pass(of, reader);
    } catch {
      // As a connection that breaks: the console asks again.
    } finally {
      this.stops.delete(of);
      this.flush();
      this.say({ ended: of });
    }
  }

  private async pass(of: number, reader: Pick<ReadableStreamDefaultReader<Uint8Array>, "read">): Promise<void> {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.gather(of, value);
      if (this.behind) await this.behind.promise;
    }
  }

  /** What streams are told in one turn of the event loop crosses once when it is the same object. Each stream keeps its order. */
  private gather(of: number, bytes: Uint8Array): void {
    if (this.parts.length === 0) queueMicrotask(() => this.flush());
    const place = this.parts.findLastIndex((part) => part.bytes === bytes);
    if (place > (this.places.get(of) ?? -1)) {
      this.parts[place]?.streams.push(of);
      this.places.set(of, place);
    } else this.places.set(of, this.parts.push({ bytes, streams: [of] }) - 1);
  }

  private flush(): void {
    const parts = this.parts;
    if (parts.length === 0) return;
    this.parts = [];
    this.places = new Map();
    for (const { streams, bytes } of parts) this.socket.send(encodePart(streams, bytes));
    if (this.socket.getBufferedAmount() > mostBytesBehind) this.behind ??= Promise.withResolvers();
  }

  private say(word: ChannelWord): void {
    this.socket.send(JSON.stringify(word));
  }
}

function askOf(text: string): ChannelAsk | null {
  try {
    return askSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What the server remembers of a channel. */
export interface ChannelSocket {
  end?: ChannelEnd;
}

/** Opens a channel when the request asks for one. */
export function takesChannel(request: Request, server: Server<ChannelSocket>): boolean {
  return request.headers.has("upgrade") && new URL(request.url).pathname === channelPath && server.upgrade(request, { data: {} });
}

/** Channels as the service's server takes them. @param answer what answers a stream's request */
export function channels(answer: (request: Request) => Response | Promise<Response>): WebSocketHandler<ChannelSocket> {
  return {
    maxPayloadLength: 64 * 1024,
    // The channel ends before the server would drop a message of it unseen.
    backpressureLimit: 16 * mostBytesBehind,
    closeOnBackpressureLimit: true,
    open(socket) {
      socket.data.end = new ChannelEnd(socket, answer);
    },
    message: (socket, message) => socket.data.end?.take(String(message)),
    drain: (socket) => socket.data.end?.drained(),
    close: (socket) => socket.data.end?.end(),
  };
}
