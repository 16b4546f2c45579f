import { type ChannelAsk, type ChannelWord, channelPath, decodePart } from "@episante/service/channel";

/** A stream's request, as a service is asked. */
export interface StreamRequest {
  readonly target: string;
  readonly headers: Headers;
  readonly signal: AbortSignal;
}

/** A console's end of a stream: told of its bytes and its end. */
export interface Listener {
  take(bytes: Uint8Array): void;
  end(): void;
}

export interface StreamAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Whole, when it is no stream. */
  readonly body?: string;
}

interface Stream {
  readonly listener: Listener;
  /** Until the service has answered. */
  answered?: (answer: StreamAnswer | null) => void;
}

const answerTimeoutMs = 60_000;

/** One WebSocket to a service, over which all its event streams come: bytes that many consoles are told cross once. */
class Channel {
  private readonly streams = new Map<number, Stream>();
  private next = 0;
  /** Resolves when it is known whether the service takes channels. */
  readonly isOpen: Promise<boolean>;
  isEnded = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly timeoutMs: number,
  ) {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.isOpen = promise;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => resolve(true);
    socket.onmessage = ({ data }) => (typeof data === "string" ? this.hear(JSON.parse(data)) : this.tell(data as ArrayBuffer));
    socket.onclose = () => {
      this.isEnded = true;
      resolve(false);
      for (const id of [...this.streams.keys()]) this.ended(id);
    };
  }

  async open({ target, headers, signal }: StreamRequest, listener: Listener): Promise<{ answer: StreamAnswer; close: () => void } | null> {
    const of = this.next++;
    const { promise, resolve } = Promise.withResolvers<StreamAnswer | null>();
    this.streams.set(of, { listener, answered: resolve });
    const close = () => {
      if (!this.streams.delete(of)) return;
      resolve(null);
      this.ask({ close: of });
    };
    // A service that does not answer at all may be one that is gone without a word, and the next stream asks a new channel.
    const timer = setTimeout(() => this.socket.close(), this.timeoutMs);
    signal.addEventListener("abort", () => listener.end(), { once: true });
    this.ask({ open: of, target, headers: Object.fromEntries(headers) });
    const answer = await promise.finally(() => clearTimeout(timer));
    return answer && { answer, close };
  }

  close(): void {
    this.socket.close();
  }

  private ask(ask: ChannelAsk): void {
    if (!this.isEnded) this.socket.send(JSON.stringify(ask));
  }

  private hear(word: ChannelWord): void {
    if ("ended" in word) this.ended(word.ended);
    else {
      const stream = this.streams.get(word.of);
      stream?.answered?.({ ...word, headers: new Headers(word.headers.map(([name, value]) => [name, value])) });
      delete stream?.answered;
    }
  }

  private tell(message: ArrayBuffer): void {
    const { streams, bytes } = decodePart(message);
    for (const id of streams) this.streams.get(id)?.listener.take(bytes);
  }

  private ended(id: number): void {
    const stream = this.streams.get(id);
    this.streams.delete(id);
    stream?.answered?.(null);
    stream?.listener.end();
  }
}

/** Opens event streams of services, each over the one channel to its service. */
export interface Channels {
  /**
   * @returns the answer, and what closes its stream; null when the service has no channel, or it broke: then the request may be made by itself
   */
  open(base: string, request: StreamRequest, listener: Listener): Promise<{ answer: StreamAnswer; close: () => void } | null>;
  close(): void;
}

/** @param timeoutMs longest that an opening waits for its answer */
export function makeChannels(timeoutMs = answerTimeoutMs): Channels {
  const open = new Map<string, Channel>();
  return {
    async open(base, request, listener) {
      let channel = open.get(base);
      if (!channel || channel.isEnded) {
        const url = new URL(channelPath, base);
        url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
        channel = new Channel(new WebSocket(url), timeoutMs);
        open.set(base, channel);
      }
      return (await channel.isOpen) ? channel.open(request, listener) : null;
    },
    close() {
      for (const channel of open.values()) channel.close();
    },
  };
}
