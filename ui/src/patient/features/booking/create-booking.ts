import { book, hold, releaseHold } from "@episante/contracts/appointment";
import type { AnswerOf } from "@episante/contracts/endpoint";
import { createSignal } from "solid-js";
import { type CallResult, call, urlOf } from "../../../shared/lib/call.ts";
import type { Hold } from "./HoldPanel.tsx";
import type { Intent } from "./intent.ts";

type Booked = AnswerOf<typeof book>;

/** Holds the time of an intent for five minutes. */
export function takeHold(intent: Intent): Promise<CallResult<Hold>> {
  return call(hold, { body: intent });
}

/** Gives a held time back. Also works while the page goes away; the answer does not matter, the hold would end by itself. */
export function giveBack(id: Hold["id"]): void {
  void fetch(urlOf(releaseHold, { params: { id } }), { method: "DELETE", keepalive: true, credentials: "same-origin" }).catch(
    () => undefined,
  );
}

/**
 * Books a held time. One attempt has one idempotency key, made of the hold: a double click, a retry after a lost answer
 * and a reload all name the same attempt, so at most one visit comes of it. While one request runs, others join it.
 */
export function createBooking() {
  const [busy, setBusy] = createSignal(false);
  let running: Promise<CallResult<Booked>> | undefined;
  /** @param patientId the relative the visit is for; absent for oneself */
  function confirm(holdId: Hold["id"], patientId?: Booked["patientId"]): Promise<CallResult<Booked>> {
    running ??= (async () => {
      setBusy(true);
      const result = await call(book, { body: { holdId, ...(patientId ? { patientId } : {}) }, idempotencyKey: `book-${holdId}` });
      setBusy(false);
      running = undefined;
      return result;
    })();
    return running;
  }
  return { busy, confirm };
}
