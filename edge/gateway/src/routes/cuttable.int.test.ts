import { afterEach, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { waitFor } from "@episante/testkit/wait-for";
import type { OpenSession } from "../mirrors/sessions.ts";
import { cuttable } from "./cuttable.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const part = new Uint8Array(64 * 1024).fill(120);
const mostParts = 1_000;

/** A stream of 64 MB behind a server, and a client that has asked for it and reads nothing. */
async function makeStream(): Promise<{ client: Socket; abort: AbortController; read: () => number; endSession: () => void }> {
  const abort = new AbortController();
  let read = 0;
  let endSession = () => {};
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        read += 1;
        if (read > mostParts) controller.close();
        else controller.enqueue(part);
      },
    },
    { highWaterMark: 0 },
  );
  const sessions = {
    whenEnded: (_: OpenSession, run: () => void) => {
      endSession = run;
      return () => {};
    },
  };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(cuttable(body, abort, {} as OpenSession, sessions), { headers: { "content-type": "text/event-stream" } }),
  });
  const client = connect({ port: server.port ?? 0, host: "127.0.0.1" });
  stops.push(
    () => client.destroy(),
    () => server.stop(true),
  );
  client.pause();
  client.write("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
  await waitFor(() => read > 0, { what: "the first part" });
  return { client, abort, read: () => read, endSession: () => endSession() };
}

/** How many parts had been read when no more were for a while. */
async function standstill(read: () => number): Promise<number> {
  for (let before = -1; before !== read(); ) {
    before = read();
    await Bun.sleep(300);
  }
  return read();
}

test("a client that does not read holds its stream back, and gets all of it when it reads on", async () => {
  const { client, read } = await makeStream();
  expect(await standstill(read)).toBeLessThan(mostParts / 2);
  let bytes = 0;
  client.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  client.resume();
  await waitFor(() => bytes > mostParts * part.length, { what: "all of it" });
});

test("a session that ends while its client does not read ends the request behind it", async () => {
  const { abort, read, endSession } = await makeStream();
  const before = await standstill(read);
  endSession();
  await waitFor(() => abort.signal.aborted, { what: "the end of the request" });
  expect(read()).toBe(before);
});

test("a client that goes while it is behind ends the request behind it", async () => {
  const { client, abort, read } = await makeStream();
  await standstill(read);
  client.destroy();
  await waitFor(() => abort.signal.aborted, { what: "the end of the request" });
});
