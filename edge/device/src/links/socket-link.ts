import { type RefusedItem, type ServerFrame, serverFrameSchema } from "@episante/contracts/reading";
import { isTokenRefused, type OpenLink } from "./link.ts";

const closeRevoked = 4401;

/** `WS /api/devices/stream`: many batches under way, within the credit that the server gives. */
export const openSocketLink: OpenLink = (target, events) => {
  const address = new URL("/api/devices/stream", target.url);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address, {
    headers: { authorization: `Bearer ${target.token}` },
    ...(target.ca ? { tls: { ca: target.ca } } : {}),
  } as unknown as string[]);
  const leftOut = new Map<string, readonly RefusedItem[]>();
  let wasOpen = false;
  let isClosed = false;

  function hear(frame: ServerFrame): void {
    if ("credit" in frame) events.credit(frame.credit);
    else if ("items" in frame) leftOut.set(`${frame.boot}/${frame.refused}`, frame.items);
    else if ("ack" in frame) {
      const key = `${frame.boot}/${frame.ack}`;
      events.acked(frame.boot, frame.ack, leftOut.get(key) ?? []);
      leftOut.delete(key);
    } else events.refused(frame.boot, frame.nack, frame.problem.code);
  }
  socket.onopen = () => {
    wasOpen = true;
  };
  socket.onmessage = ({ data }) => {
    const frame = serverFrameSchema.safeParse(parseJson(data));
    if (frame.success && !isClosed) hear(frame.data as ServerFrame);
  };
  socket.onerror = () => {};
  socket.onclose = ({ code }) => {
    if (isClosed) return;
    isClosed = true;
    if (code === closeRevoked) events.lost("rejected");
    else if (wasOpen) events.lost("gone");
    else void isTokenRefused(target).then((isRefused) => events.lost(isRefused ? "rejected" : "gone"));
  };
  return {
    send: (batch) => socket.send(JSON.stringify(batch)),
    close() {
      isClosed = true;
      socket.close(1000);
    },
  };
};

function parseJson(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
}
