import { expect, test } from "bun:test";
import fc from "fast-check";
import { makeEventParser, type ServerSentEvent } from "./server-sent-events.ts";

const stream =
  'event: alert\nid: 7\ndata: {"a":1}\n\n: comment\nevent: heartbeat\r\ndata: x\r\ndata: y\r\n\r\ndata:z\r\rid\nevent: none\n\n';

function parse(pieces: readonly string[]): ServerSentEvent[] {
  const events: ServerSentEvent[] = [];
  const feed = makeEventParser((event) => events.push(event));
  for (const piece of pieces) feed(piece);
  return events;
}

test("reads types, ids that stay in force, joined data lines, comments and every kind of line end", () => {
  expect(parse([stream])).toEqual([
    { type: "alert", data: '{"a":1}', id: "7" },
    { type: "heartbeat", data: "x\ny", id: "7" },
    { type: "message", data: "z", id: "7" },
  ]);
});

test("cutting the stream anywhere changes nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
      const pieces = at.slice(1).map((end, index) => stream.slice(at[index], end));
      expect(parse(pieces)).toEqual(parse([stream]));
    }),
  );
});

test("an empty piece between the two halves of a line end changes nothing", () => {
  expect(parse(["data: x\r", "", "\ndata: y\r\n\r\n"])).toEqual([{ type: "message", data: "x\ny", id: "" }]);
});

test("an event without its closing blank line is not handed over", () => {
  expect(parse(["event: alert\ndata: half\n"])).toEqual([]);
});
