import { randomBytes } from "node:crypto";
import { formatId, type Id, type IdPrefix } from "@episante/contracts/ids";

/** A new prefixed, time-sortable id. @param atMs business time in ms */
export function newId<P extends IdPrefix>(prefix: P, atMs: number): Id<P> {
  return formatId(prefix, atMs, randomBytes(10));
}

/** A W3C trace id: 32 hex digits. */
export function newTraceId(): string {
  return randomBytes(16).toString("hex");
}
