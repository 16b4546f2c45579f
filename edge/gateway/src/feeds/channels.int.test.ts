import { afterEach, expect, test } from "bun:test";
import { type ChannelSocket, channels, takesChannel } from "@episante/service/channel";
import { waitFor } from "@episante/testkit/wait-for";
import type { OpenSession } from "../mirrors/sessions.ts";
import { type Channels, makeChannels } from "./channels.ts";
import { consoleStream } from "./console-stream.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** A service with one feed, which tells all who follow it the same. */
function makeService(port = 0) {
  const followers = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const asked: Request[] = [];
  const answer = (request: Request): Response | Promise<Response> => {
    asked.push(request);
    const { pathname } = new URL(request.url);
    if (pathname === "/refused") return Response.json({ code: "forbidden" }, { status: 403 });
    if (pathname === "/silent") return new Promise(() => {});
    let own: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        own = controller;
        followers.add(own);
      },
      cancel: () => void followers.delete(own),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream", "x-more": "1" } });
  };
  const server = Bun.serve<ChannelSocket>({
    port,
    hostname: "127.0.0.1",
    fetch: (request, self) => (takesChannel(request, self) ? undefined : answer(request)),
    websocket: channels(answer),
  });
  stops.push(() => server.stop(true));
  const tell = (text: string) => {
    const bytes = new TextEncoder().encode(text);
    for (const follower of followers) follower.enqueue(bytes);
  };
  return { server, url: server.url.origin, followers, asked, tell };
}

const client = (timeoutMs?: number) => {
  const made = makeChannels(timeoutMs);
  stops.push(() => made.close());
  return made;
};

/** A console's stream as a request gets it, and what its session and its request can do to it. */
async function open(opened: Channels, url: string, path = "/feed", headers: Record<string, string> = {}) {
  let endSession = () => {};
  let isEnded = false;
  const sessions = {
    whenEnded: (_: OpenSession, run: () => void) => {
      endSession = run;
      return () => {};
    },
  };
  const abort = new AbortController();
  let close = () => {};
  const stream = consoleStream({} as OpenSession, sessions, () => {
    isEnded = true;
    close();
  });
  const got = await opened.open(url, { target: path, headers: new Headers(headers), signal: abort.signal }, stream.listener);
  close = got?.close ?? close;
  const reader = stream.body.getReader();
  const read = async () => {
    const { done, value } = await reader.read();
    return done ? null : new TextDecoder().decode(value);
  };
  return { answer: got?.answer, read, reader, abort, endSession: () => endSession(), isEnded: () => isEnded };
}

test("streams of one service share a channel, each opened by its own request with its own headers", async () => {
  const service = makeService();
  const own = client();
  const consoles = await Promise.all(["a", "b", "c"].map((name) => open(own, service.url, "/feed?x=1", { authorization: name })));
  expect(service.asked.map(({ url, headers }) => [new URL(url).pathname, new URL(url).search, headers.get("authorization")])).toEqual(
    ["a", "b", "c"].map((name) => ["/feed", "?x=1", name]),
  );
  for (const { answer } of consoles) expect([answer?.status, answer?.headers.get("x-more")]).toEqual([200, "1"]);
  service.tell("hello");
  for (const { read } of consoles) expect(await read()).toBe("hello");
  expect(service.server.pendingWebSockets).toBe(1);
});

test("a refusal comes whole, as an answer", async () => {
  const service = makeService();
  const { answer } = await open(client(), service.url, "/refused");
  expect([answer?.status, answer?.body]).toEqual([403, '{"code":"forbidden"}']);
});

test("who goes leaves the others their streams, and the service knows", async () => {
  const service = makeService();
  const own = client();
  const [one, two, three] = [await open(own, service.url), await open(own, service.url), await open(own, service.url)];
  one.abort.abort();
  await two.reader.cancel();
  await waitFor(() => service.followers.size === 1, { what: "the service to notice" });
  service.tell("on");
  expect([await one.read(), await three.read()]).toEqual([null, "on"]);
});

test("a console that does not read is cut off alone", async () => {
  const service = makeService();
  const own = client();
  const [slow, quick] = [await open(own, service.url), await open(own, service.url)];
  const part = "x".repeat(64 * 1024);
  for (let count = 0; count < 40; count++) {
    service.tell(part);
    expect(await quick.read()).toBe(part);
  }
  await waitFor(() => service.followers.size === 1, { what: "the slow one's end" });
  expect(slow.isEnded()).toBe(true);
  service.tell("on");
  expect(await quick.read()).toBe("on");
});

test("a session that ends closes its stream at once: what waits is told no more", async () => {
  const service = makeService();
  const { read, endSession } = await open(client(), service.url);
  service.tell("one");
  expect(await read()).toBe("one");
  service.tell("two");
  await Bun.sleep(50);
  endSession();
  expect(await read()).toBeNull();
  await waitFor(() => service.followers.size === 0, { what: "the service to notice" });
});

test("a service that goes ends its streams; when it is back, the next stream has a new channel", async () => {
  const service = makeService();
  const own = client();
  const one = await open(own, service.url);
  await service.server.stop(true);
  expect(await one.read()).toBeNull();
  expect((await open(own, service.url)).answer).toBeUndefined();
  const again = makeService(Number(new URL(service.url).port));
  const two = await open(own, service.url);
  again.tell("back");
  expect(await two.read()).toBe("back");
});

test("a service without a channel says so, and one that does not answer is asked over a new one", async () => {
  const plain = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(null, { status: 404 }) });
  stops.push(() => plain.stop(true));
  expect((await open(client(), plain.url.origin)).answer).toBeUndefined();
  const service = makeService();
  const own = client(100);
  expect((await open(own, service.url, "/silent")).answer).toBeUndefined();
  expect((await open(own, service.url)).answer?.status).toBe(200);
});
