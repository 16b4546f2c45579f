import type { JsMsg } from "@nats-io/jetstream";

/** Messages taken in batches, so that one transaction can carry whatever has arrived. */
export interface Batches {
  /**
   * Waits for a message, then adds those that have already arrived; never waits for more. Null when nothing came in time.
   * @param waitMs longest wait for the first message @throws Error when the messages ended
   */
  next(waitMs: number): Promise<JsMsg[] | null>;
}

const nothingArrived = () => new Promise<null>((resolve) => setImmediate(() => resolve(null)));

/** @param messages what a consumer yields. Its own count of pending ones is no help: it includes callbacks of the client. */
export function makeBatches(messages: AsyncIterable<JsMsg>, maxBatch: number): Batches {
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
      while (batch.length < maxBatch) {
        const next = await Promise.race([pending, nothingArrived()]);
        if (next === null || next.done) break;
        batch.push(next.value);
        pending = source.next();
      }
      return batch;
    },
  };
}
