import type { AnswerOf, BodyInputOf, Endpoint } from "@episante/contracts/endpoint";
import { problemSchema } from "@episante/contracts/problem";
import { sessionCookie } from "@episante/contracts/session";
import { eventually } from "./instance.ts";

/** One answer of the public port, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Problem code of a refusal; undefined for anything that is no problem document of the closed list. */
  readonly code: string | undefined;
  /** Parsed JSON body, null when there is none. */
  readonly json: unknown;
}

export interface Sent {
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}
interface Input<E> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: BodyInputOf<E>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Everything heard so far, of all callers, for the assertions on the whole. */
export interface Heard {
  readonly what: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A client of one installation, with or without a session of its own. */
export interface Caller {
  /** `name=value` of the session cookie, empty while nobody is signed in. */
  readonly cookie: string;
  /** Any request: what is wrong with it is the test's business. */
  send(method: string, path: string, sent?: Sent): Promise<Answer>;
  /** A request that keeps the contract's shape; the answer whatever it is. */
  ask<E extends Endpoint>(endpoint: E, input?: Input<E>): Promise<Answer>;
  /** As `ask`, for what must succeed. @throws Error with the problem otherwise */
  call<E extends Endpoint>(endpoint: E, input?: Input<E>): Promise<AnswerOf<E>>;
}

/** Path and query of an endpoint with its parameters filled in. */
export function pathOf(endpoint: Endpoint, params: Readonly<Record<string, string>> = {}, query: Readonly<Record<string, string>> = {}) {
  const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams(query).toString();
  return search ? `${path}?${search}` : path;
}

/** JSON body and its media type. */
export function jsonOf(value: unknown): Sent {
  return { body: JSON.stringify(value), headers: { "content-type": "application/json" } };
}

/** What `fetch` needs to trust an authority of the installation's own, and no other stranger. */
export function trusting(ca: string | undefined): { tls?: { ca: string } } {
  return ca === undefined ? {} : { tls: { ca } };
}

/** @param heard every answer is added here @param ca authority to trust (PEM) */
export function makeCaller(url: string, heard: Heard[] = [], ca?: string): Caller {
  let cookie = "";
  const send = async (method: string, path: string, { body, headers = {} }: Sent = {}): Promise<Answer> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { ...(cookie ? { cookie } : {}), ...headers },
      redirect: "manual",
      ...trusting(ca),
      ...(body === undefined ? {} : { body }),
    });
    const text = await answer.text();
    heard.push({ what: `${method} ${path}`, status: answer.status, headers: answer.headers, text });
    for (const line of answer.headers.getSetCookie()) {
      const set = new RegExp(`^${sessionCookie}=([^;]*)`).exec(line)?.[1];
      if (set !== undefined) cookie = set === "" ? "" : `${sessionCookie}=${set}`;
    }
    const isJson = /json/.test(answer.headers.get("content-type") ?? "");
    const json: unknown = isJson && text !== "" ? JSON.parse(text) : null;
    const problem = problemSchema.safeParse(json);
    return { status: answer.status, headers: answer.headers, text, json, code: problem.success ? problem.data.code : undefined };
  };
  const ask = async <E extends Endpoint>(endpoint: E, { params, query, body, headers }: Input<E> = {}) => {
    const { body: text, headers: type } = body === undefined ? {} : jsonOf(body);
    return send(endpoint.method, pathOf(endpoint, params, query), {
      ...(text === undefined ? {} : { body: text }),
      headers: { ...type, ...headers },
    });
  };
  return {
    get cookie() {
      return cookie;
    },
    send,
    ask,
    async call<E extends Endpoint>(endpoint: E, input: Input<E> = {}) {
      const answer = await ask(endpoint, input);
      if (answer.status >= 300) throw new Error(`${endpoint.id} answered ${answer.status} ${answer.text}`);
      return (endpoint.response ? endpoint.response.parse(answer.json) : undefined) as AnswerOf<E>;
    },
  };
}

/** Asks until the answer fits: facts travel between services by events. @returns the answer that fitted */
export async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean, what: string, timeoutMs = 20_000): Promise<T> {
  let last: T | undefined;
  await eventually(
    async () => {
      last = await ask();
      return fits(last);
    },
    timeoutMs,
    what,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; last answer: ${JSON.stringify(last)?.slice(0, 600)}`);
  });
  return last as T;
}

/** One server-sent event and when it arrived (`performance.now()`). */
export interface FeedEvent {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
  readonly atMs: number;
}
export interface Feed {
  readonly status: number;
  readonly events: readonly FeedEvent[];
  /** When the server ended the stream (`performance.now()`), null while it is open. */
  endedAtMs(): number | null;
  close(): void;
}

/** Follows an event stream; returns once the server has answered. */
export async function openFeed(url: string, cookie: string, lastEventId?: string): Promise<Feed> {
  const stop = new AbortController();
  const answer = await fetch(url, {
    headers: { cookie, accept: "text/event-stream", ...(lastEventId ? { "last-event-id": lastEventId } : {}) },
    signal: stop.signal,
  });
  const events: FeedEvent[] = [];
  let endedAtMs: number | null = null;
  const follow = async () => {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of answer.body ?? []) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const event = parseEvent(part);
        if (event) events.push({ ...event, atMs: performance.now() });
      }
    }
  };
  void follow()
    .catch(() => {})
    .finally(() => {
      endedAtMs = performance.now();
    });
  return { status: answer.status, events, endedAtMs: () => endedAtMs, close: () => stop.abort() };
}

function parseEvent(text: string): Omit<FeedEvent, "atMs"> | null {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(text)?.[1];
  const data = field("data");
  return data === undefined ? null : { event: field("event") ?? "", id: field("id") ?? "", data: JSON.parse(data) };
}
