import type { Batch, RefusedItem } from "@episante/contracts/reading";

/** Ways into the platform: `ws` for a steady stream, `http`, `nats`, `mqtt` for devices that speak only that. */
export const doorNames = ["ws", "http", "nats", "mqtt"] as const;
export type DoorName = (typeof doorNames)[number];

/** Where a device reports to, and as whom. */
export interface LinkTarget {
  /** The server's address, for example `https://clinic.example`. */
  readonly url: string;
  /** The device's token; it begins with the device id. */
  readonly token: string;
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string;
  /** Address of the broker for door `nats`: `nats://…`, or `wss://…` through a proxy. */
  readonly nats?: string;
}

/** Of some options, where the device reports to and by which door. */
export function targetOf({
  url,
  token,
  ca,
  nats,
  door,
}: LinkTarget & { readonly door?: DoorName }): LinkTarget & { readonly door?: DoorName } {
  return { url, token, ...(ca ? { ca } : {}), ...(nats ? { nats } : {}), ...(door ? { door } : {}) };
}

/** What a link tells. After `lost` it is over and tells nothing more. */
export interface LinkEvents {
  /** The server is there; so many batches may be unacknowledged, 0: none. Told on opening and when it changes. */
  credit(most: number): void;
  /** On the server's disk. `items`: single readings that were left out; never known over MQTT. */
  acked(boot: string, seq: number, items: readonly RefusedItem[]): void;
  /** The whole batch was refused. */
  refused(boot: string, seq: number, code: string): void;
  /** `rejected`: the token is not valid (any more). */
  lost(why: "gone" | "rejected"): void;
}

/** One connection by one door. */
export interface Link {
  send(batch: Batch): void;
  /** Ends it without telling. */
  close(): void;
}
export type OpenLink = (target: LinkTarget, events: LinkEvents) => Link;

/** Id of the device a token belongs to. */
export function deviceIdOf(token: string): string {
  return token.slice(0, token.indexOf("."));
}

/** Whether the server says that the token is not valid. A WebSocket or NATS client is not told why it was sent away; the HTTP door says it. */
export async function isTokenRefused({ url, token, ca }: LinkTarget): Promise<boolean> {
  try {
    return (await post({ url, token, ...(ca ? { ca } : {}) }, "{}", 3_000)).status === 401;
  } catch {
    return false;
  }
}

/** One request to the HTTP door. @throws when no answer comes within `timeoutMs` */
export function post({ url, token, ca }: LinkTarget, body: string, timeoutMs: number): Promise<Response> {
  return fetch(new URL("/api/devices/readings", url), {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body,
    signal: AbortSignal.timeout(timeoutMs),
    ...(ca ? { tls: { ca } } : {}),
  } as RequestInit);
}
