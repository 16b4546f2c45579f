import { connect } from "node:net";
import { postReadings, serverFrameSchema } from "@episante/contracts/reading";
import { z } from "zod";
import { type Caller, trusting } from "./calls.ts";
import { eventually } from "./instance.ts";

/** What a door said about one batch, told alike for all doors. */
export interface Verdict {
  /** Sequence that is on disk, null when the batch was refused. */
  readonly acked: number | null;
  readonly refused: readonly { readonly index: number; readonly code: string }[];
  /** Problem code of a refused batch. */
  readonly code: string | null;
}
/** One way for a device to hand over a batch. `text` is the batch as sent, right or wrong. */
export interface Door {
  readonly name: string;
  send(text: string): Promise<Verdict>;
  close(): void;
}
export interface Device {
  readonly id: string;
  readonly token: string;
  readonly nats: { readonly servers: readonly string[]; readonly user: string; readonly inboxPrefix: string };
}

const accepted = z.object({ acked: z.number(), refused: z.array(z.object({ index: z.number(), code: z.string() })) });

/** `POST /api/devices/readings`. @param caller who keeps what was heard */
export function httpDoor(caller: Caller, { token }: Pick<Device, "token">): Door {
  return {
    name: "HTTP",
    async send(text) {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const answer = await caller.send("POST", postReadings.path, { body: text, headers });
      if (answer.status === 202) return { ...accepted.parse(answer.json), code: null };
      return { acked: null, refused: [], code: answer.code ?? `status ${answer.status}` };
    },
    close() {},
  };
}

export interface SocketDoor extends Door {
  /** Close code and when it closed (`performance.now()`), null while it is open. */
  closed(): { code: number; atMs: number } | null;
}

/** `WS /api/devices/stream`. @throws Error when the upgrade is refused */
export async function socketDoor(url: string, { token }: Pick<Device, "token">, headers: Record<string, string> = {}): Promise<SocketDoor> {
  const address = `${url.replace(/^http/, "ws")}/api/devices/stream`;
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}`, ...headers } } as unknown as string[]);
  const waiting: ((verdict: Verdict) => void)[] = [];
  let refused: Verdict["refused"] = [];
  let closed: { code: number; atMs: number } | null = null;
  socket.onmessage = ({ data }) => {
    const frame = serverFrameSchema.parse(JSON.parse(String(data)));
    if ("items" in frame) refused = frame.items;
    if ("ack" in frame) waiting.shift()?.({ acked: frame.ack, refused, code: null });
    if ("nack" in frame) waiting.shift()?.({ acked: null, refused: [], code: frame.problem.code });
    if (!("items" in frame)) refused = [];
  };
  const opened = new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onclose = ({ code }) => {
      closed = { code, atMs: performance.now() };
      for (const answer of waiting.splice(0)) answer({ acked: null, refused: [], code: `closed ${code}` });
      reject(new Error(`the socket was refused or closed (${code})`));
    };
  });
  await opened;
  return {
    name: "WebSocket",
    send: (text) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        socket.send(text);
      }),
    close: () => socket.close(),
    closed: () => closed,
  };
}

/**
 * A NATS request to `dev.<id>.readings`, spoken by hand: https://docs.nats.io/reference/reference-protocols/nats-protocol.
 * @param ca authority to trust (PEM) where the broker is reached through TLS
 * @throws Error when the login is refused
 */
export async function natsDoor({ id, token, nats }: Device, ca?: string): Promise<Door> {
  let heard = "";
  let isClosed = false;
  const hear = (text: string) => {
    heard += text;
    if (text.includes("PING\r\n")) socket.write("PONG\r\n");
  };
  const close = () => {
    isClosed = true;
  };
  const address = new URL(nats.servers[0] ?? "");
  const socket = address.protocol.startsWith("ws") ? natsOverWebSocket(address, ca, hear, close) : natsOverTcp(address, hear, close);
  await eventually(() => heard.startsWith("INFO "), 5_000, "greeting of the broker");
  const login = { user: nats.user, pass: token, verbose: false, pedantic: false, headers: false, lang: "test", version: "1" };
  socket.write(`CONNECT ${JSON.stringify(login)}\r\nPING\r\n`);
  await eventually(() => /PONG\r\n|-ERR /.test(heard) || isClosed, 5_000, "answer to the login");
  if (!heard.includes("PONG\r\n")) {
    socket.destroy();
    throw new Error(`the login was refused: ${/-ERR .*/.exec(heard)?.[0] ?? "closed"}`);
  }
  socket.write(`SUB ${nats.inboxPrefix}.* 1\r\n`);
  let number = 0;
  return {
    name: "NATS",
    async send(text) {
      const inbox = `${nats.inboxPrefix}.${++number}`;
      socket.write(`PUB dev.${id}.readings ${inbox} ${Buffer.byteLength(text)}\r\n${text}\r\n`);
      const pattern = new RegExp(`MSG ${inbox.replaceAll(".", "\\.")} 1 \\d+\\r\\n(.*)\\r\\n`);
      await eventually(() => pattern.test(heard) || isClosed, 10_000, "reply through the broker");
      const reply = z
        .looseObject({
          ack: z.number().optional(),
          items: accepted.shape.refused.optional(),
          problem: z.looseObject({ code: z.string() }).optional(),
        })
        .parse(JSON.parse(pattern.exec(heard)?.[1] ?? '{"problem":{"code":"closed"}}'));
      return { acked: reply.ack ?? null, refused: reply.items ?? [], code: reply.problem?.code ?? null };
    },
    close: () => socket.destroy(),
  };
}

/** The broker's protocol as text, over whatever carries it. */
interface Wire {
  write(text: string): void;
  destroy(): void;
}

function natsOverTcp({ hostname, port }: URL, hear: (text: string) => void, closed: () => void): Wire {
  const socket = connect(Number(port), hostname);
  socket.setEncoding("utf8");
  socket.on("data", hear);
  socket.on("error", () => {});
  socket.on("close", closed);
  return { write: (text) => socket.write(text), destroy: () => socket.destroy() };
}

/** Binary frames that hold the same bytes as the plain connection. */
function natsOverWebSocket(address: URL, ca: string | undefined, hear: (text: string) => void, closed: () => void): Wire {
  const socket = new WebSocket(address, { ...trusting(ca) } as unknown as string[]);
  socket.binaryType = "arraybuffer";
  const decoder = new TextDecoder();
  socket.onmessage = ({ data }) => hear(typeof data === "string" ? data : decoder.decode(data as ArrayBuffer, { stream: true }));
  socket.onclose = closed;
  return { write: (text) => socket.send(new TextEncoder().encode(text)), destroy: () => socket.close() };
}

/** Writes bytes to a port as they are. @returns everything that came back until the other side closed, or fell silent for `quietMs` */
export function rawExchange(port: number, bytes: string, quietMs = 2_000): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  socket.setEncoding("latin1");
  socket.setTimeout(quietMs, () => socket.destroy());
  socket.on("data", (text: string) => {
    heard += text;
  });
  socket.on("error", () => {});
  socket.on("close", () => resolve(heard));
  socket.write(bytes);
  return promise;
}
