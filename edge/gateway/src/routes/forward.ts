import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Log } from "@episante/service/log";
import { endsSession, passedHeaders, returnedHeaders } from "../domain/headers.ts";
import type { RouteFacts } from "../domain/routing.ts";
import type { Trace } from "../domain/trace.ts";
import { type FeedDeps, openFeed } from "../feeds/open-feed.ts";
import type { OpenSession, Sessions } from "../mirrors/sessions.ts";
import { readJsonBody } from "./body.ts";
import { cuttable } from "./cuttable.ts";

/** What the client's address and names are, after trusting or not trusting proxies. */
export interface Client {
  readonly ip: string;
  readonly proto: "http" | "https";
  readonly host: string;
}

export interface ForwardRequest {
  readonly request: Request;
  /** Checked path and query, as sent on. */
  readonly target: string;
  readonly route: RouteFacts;
  readonly session: OpenSession | null;
  readonly client: Client;
  readonly trace: Trace;
  /** Lifts the server's idle limit for a long-lived answer. */
  readonly keepOpen: () => void;
}

const answerTimeoutMs = 60_000;
const handedOnWhole = 64 * 1024;

export type Forward = (input: ForwardRequest) => Promise<Response | Refusal>;

/** Passes a request to its service under a short-lived token of the session, and the answer back as it streams. */
export function makeForward(deps: FeedDeps & { upstreams: Readonly<Record<string, string>>; sessions: Sessions; log: Log }): Forward {
  const { upstreams, sessions, log } = deps;
  return async ({ request, target, route, session, client, trace, keepOpen }) => {
    const base = upstreams[route.service];
    if (!base) return refuse("upstream-unreachable");
    const body = await readJsonBody(request, route.maxBodyBytes);
    if (isRefusal(body)) return body;

    const headers = passedHeaders(request.headers, trace.traceparent);
    if (session) headers.set("authorization", `Bearer ${await sessions.tokenFor(session, route.audience)}`);
    // Both limit strangers by address: sign-in and pairing.
    if (route.service === "auth" || route.service === "ingest") headers.set("x-real-ip", client.ip);
    if (route.service === "auth") {
      headers.set("x-forwarded-proto", client.proto);
      headers.set("x-forwarded-host", client.host);
    }

    const isFeed = route.isEventStream && request.method === "GET";
    if (isFeed) keepOpen();
    const feed = isFeed ? await openFeed(deps, base, { target, headers, signal: request.signal }, session) : null;
    if (feed) return feed;

    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), answerTimeoutMs);
    request.signal.addEventListener("abort", () => abort.abort(), { once: true });
    const send = () =>
      fetch(new URL(target, base), {
        method: request.method,
        headers,
        ...(body ? { body } : {}),
        redirect: "manual",
        decompress: false,
        signal: abort.signal,
      } as RequestInit);
    let answer: Response;
    try {
      answer = await send().catch((error) => {
        // A service that was restarted leaves dead keep-alive connections behind; asking again is safe only for reads.
        if (request.method !== "GET" || abort.signal.aborted) throw error;
        return send();
      });
    } catch (error) {
      // A caller who went away, to another page for example, is no fault of the service.
      if (!request.signal.aborted)
        log.warn({ upstream: route.service, route: route.label, traceId: trace.traceId, err: error }, "service not reachable");
      return refuse("upstream-unreachable");
    } finally {
      clearTimeout(timer);
    }

    if (session && route.service === "auth" && endsSession(answer.headers)) sessions.forget(session);
    const isEventStream = (answer.headers.get("content-type") ?? "").startsWith("text/event-stream");
    if (isEventStream || route.isStream) keepOpen();
    let out: ReadableStream | ArrayBuffer | null = answer.body;
    if (isEventStream && answer.body) out = cuttable(answer.body, abort, session, sessions);
    // Most answers are short and here already: handing them on whole spares a stream on either side.
    else if (answer.body && Number(answer.headers.get("content-length") ?? Number.POSITIVE_INFINITY) <= handedOnWhole) {
      try {
        out = await answer.arrayBuffer();
      } catch (error) {
        log.warn({ upstream: route.service, route: route.label, traceId: trace.traceId, err: error }, "service broke off its answer");
        return refuse("upstream-unreachable");
      }
    }
    return new Response(out, { status: answer.status, headers: returnedHeaders(answer.headers, route.service === "auth") });
  };
}
