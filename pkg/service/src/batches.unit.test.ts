import { expect, test } from "bun:test";
import type { JsMsg } from "@nats-io/jetstream";
import { makeBatches } from "./batches.ts";

/** A source that the test feeds. */
function feed() {
  const waiting: ((result: IteratorResult<JsMsg>) => void)[] = [];
  const queue: IteratorResult<JsMsg>[] = [];
  const push = (result: IteratorResult<JsMsg>) => {
    const taker = waiting.shift();
    if (taker) taker(result);
    else queue.push(result);
  };
  const messages: AsyncIterable<JsMsg> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const ready = queue.shift();
        return ready ? Promise.resolve(ready) : new Promise((resolve) => waiting.push(resolve));
      },
    }),
  };
  return {
    messages,
    send: (seq: number) => push({ value: { seq } as JsMsg, done: false }),
    end: () => push({ value: undefined, done: true }),
  };
}
const seqs = (batch: JsMsg[] | null) => batch?.map((message) => message.seq) ?? null;

test("a batch holds what has arrived, in order and up to its limit, and is never kept waiting for more", async () => {
  const { messages, send } = feed();
  const batches = makeBatches(messages, 3);
  for (const seq of [1, 2, 3, 4]) send(seq);
  expect(seqs(await batches.next(1_000))).toEqual([1, 2, 3]);
  expect(seqs(await batches.next(1_000))).toEqual([4]);
  const late = batches.next(1_000);
  send(5);
  expect(seqs(await late)).toEqual([5]);
});

test("a batch that gathers takes what arrives meanwhile, and closes at once when it is full", async () => {
  const { messages, send } = feed();
  const batches = makeBatches(messages, 3, 60_000);
  const full = batches.next(1_000);
  for (const seq of [1, 2, 3, 4]) {
    await Bun.sleep(2);
    send(seq);
  }
  expect(seqs(await full)).toEqual([1, 2, 3]);
  const short = makeBatches(feed().messages, 3, 5);
  expect(await short.next(5)).toBeNull();
  const { messages: few, send: sendFew } = feed();
  sendFew(7);
  expect(seqs(await makeBatches(few, 3, 5).next(1_000))).toEqual([7]);
});

test("silence is answered with null and loses nothing; the end is an error", async () => {
  const { messages, send, end } = feed();
  const batches = makeBatches(messages, 10);
  expect(await batches.next(5)).toBeNull();
  send(1);
  expect(seqs(await batches.next(1_000))).toEqual([1]);
  send(2);
  end();
  expect(seqs(await batches.next(1_000))).toEqual([2]);
  await expect(batches.next(1_000)).rejects.toThrow("ended");
});
