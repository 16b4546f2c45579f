import { randomBytes, randomFillSync } from "node:crypto";
import { formatId, type Id, type IdPrefix } from "@episante/contracts/ids";

/** A new prefixed, time-sortable id. @param atMs business time in ms */
export function newId<P extends IdPrefix>(prefix: P, atMs: number): Id<P> {
  if (used + idBytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += idBytes;
  return formatId(prefix, atMs, pool.subarray(used - idBytes, used));
}

/** Randomness is fetched for many ids at once; no byte is used twice. */
const idBytes = 10;
const pool = new Uint8Array(idBytes * 128);
let used = pool.length;

/** A W3C trace id: 32 hex digits. */
export function newTraceId(): string {
  return randomBytes(16).toString("hex");
}
