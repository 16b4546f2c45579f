import type { JsMsg } from "@nats-io/jetstream";

/** Messages taken in batches, so that one transaction can carry whatever has arrived. */
export interface Batches {
  /**
   * Waits for a message, then adds those that have already arrived, or arrive while it gathers. Null when nothing came in time.
   * @param waitMs longest wait for the first message @throws Error when the messages ended
   */
  next(waitMs: number): Promise<JsMsg[] | null>;
}

const nothingArrived = () => new Promise<null>((resolve) => setImmediate(() => resolve(null)));

/**
 * @param messages what a consumer yields. Its own count of pending ones is no help: it includes callbacks of the client.
 * @param gatherMs how long a batch is kept open after its first message; 0 takes what is there
 */
export function makeBatches(messages: AsyncIterable<JsMsg>, maxBatch: number, gatherMs = 0): Batches {
  const source = messages[Symbol.asyncIterator]();
  let pending = source.next();
  return {
    async next(waitMs) {
      const { promise: timeout, resolve } = Promise.withResolvers<null>();
      const timer = setTimeout(() => resolve(null), waitMs);
      const first = await Promise.race([pending, timeout]);
      clearTimeout(timer);
      if (first === null) return null;
      if (first.done) throw new Error("the stream's messages ended");
      const batch = [first.value];
      pending = source.next();
      const gathered = gatherMs > 0 ? new Promise<null>((resolve) => setTimeout(() => resolve(null), gatherMs)) : null;
      while (batch.length < maxBatch) {
        const next = await Promise.race([pending, gathered ?? nothingArrived()]);
        if (next === null || next.done) break;
        batch.push(next.value);
        pending = source.next();
      }
      return batch;
    },
  };
}
