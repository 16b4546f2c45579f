import { expect, test } from "bun:test";
import fc from "fast-check";
import { ChannelEnd, type ChannelWord, decodePart, encodePart } from "./channel.ts";

test("a part reads as it was written", () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.uint8Array(), (streams, bytes) => {
      const read = decodePart(encodePart(streams, bytes).buffer);
      expect([[...read.streams], read.bytes]).toEqual([streams, bytes]);
    }),
  );
});

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A channel whose streams are written by hand, with what it sent: words as they are, parts as `streams: text`. */
async function opened(count: number) {
  const sent: string[] = [];
  const words: ChannelWord[] = [];
  let waiting = 0;
  const hold = (bytes: number) => {
    waiting = bytes;
  };
  const socket = {
    send(message: string | Bun.BufferSource) {
      if (typeof message === "string") words.push(JSON.parse(message));
      else {
        const { streams, bytes } = decodePart((message as Uint8Array<ArrayBuffer>).buffer);
        sent.push(`${streams.join()}: ${new TextDecoder().decode(bytes)}`);
      }
      return 1;
    },
    getBufferedAmount: () => waiting,
    close: (code?: number) => void sent.push(`closed ${code}`),
  };
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  const cancelled: number[] = [];
  const answer = () => {
    const index = streams.length;
    const body = new ReadableStream<Uint8Array>({ start: (own) => void streams.push(own), cancel: () => void cancelled.push(index) });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
  const end = new ChannelEnd(socket as never, answer);
  for (let index = 0; index < count; index++) end.take(JSON.stringify({ open: index, target: "/feed", headers: {} }));
  await settle();
  return { end, sent, words, streams, cancelled, hold };
}
const bytesOf = (text: string) => new TextEncoder().encode(text);

test("what streams are told together crosses once, and each stream keeps its order", async () => {
  const { streams, sent } = await opened(3);
  const [one, two] = [bytesOf("one"), bytesOf("two")];
  for (const stream of streams) stream.enqueue(one);
  await settle();
  expect(sent.splice(0)).toEqual(["0,1,2: one"]);
  for (const [index, parts] of [
    [one, two],
    [two, one],
    [one, two],
  ].entries())
    for (const part of parts) streams[index]?.enqueue(part);
  await settle();
  for (const [index, text] of ["one two", "two one", "one two"].entries()) {
    const own = sent.filter((part) => part.split(": ")[0]?.split(",").includes(String(index)));
    expect(own.map((part) => part.split(": ")[1]).join(" ")).toBe(text);
  }
});

test("an end follows the last bytes; a stream that is closed is cancelled, and the others go on", async () => {
  const { end, streams, sent, words, cancelled } = await opened(3);
  words.splice(0);
  streams[0]?.enqueue(bytesOf("last"));
  streams[0]?.close();
  end.take(JSON.stringify({ close: 1 }));
  await settle();
  streams[2]?.enqueue(bytesOf("on"));
  await settle();
  expect(sent).toEqual(["0: last", "2: on"]);
  expect(words).toEqual([{ ended: 1 }, { ended: 0 }]);
  expect(cancelled).toEqual([1]);
  end.end();
  await settle();
  expect(cancelled).toEqual([1, 2]);
});

test("a gateway that does not take its bytes holds the streams back until it does", async () => {
  const { end, streams, sent, hold } = await opened(1);
  hold(2 * 1024 * 1024);
  const texts = ["one", "two", "three", "four"];
  for (const text of texts) streams[0]?.enqueue(bytesOf(text));
  await settle();
  expect(sent.length).toBeLessThan(texts.length);
  expect(streams[0]?.desiredSize).toBeLessThan(0);
  hold(0);
  end.drained();
  await settle();
  expect(sent).toEqual(texts.map((text) => `0: ${text}`));
});

test("what is no question of a gateway ends the channel", async () => {
  for (const text of ["{", "{}", '{"open":0,"target":"http://elsewhere/","headers":{}}', '{"open":-1,"target":"/","headers":{}}']) {
    const { end, sent } = await opened(0);
    end.take(text);
    expect(sent).toEqual(["closed 1008"]);
  }
});
