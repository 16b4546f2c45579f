import { alertFeed } from "@episante/contracts/alert";
import { isRefusal } from "@episante/contracts/problem";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { prefetchName } from "../actions/name-owners.ts";
import { makeFeedReader, openFeed } from "../actions/read-feed.ts";
import { feedStream, makeEncoder } from "../actions/stream-feed.ts";
import type { AlertDeps } from "../deps.ts";

/** The live feed: server-sent events out of this service's own tables. */
export const feedRoute = (deps: AlertDeps): BoundRoute => {
  const read = makeFeedReader(deps);
  const encode = makeEncoder();
  return bind(alertFeed, async ({ actor, meta, signal }) => {
    const opened = await openFeed(deps, actor, {}, meta);
    if (isRefusal(opened)) return opened;
    if (actor.kind === "user") prefetchName(deps, actor.accountId);
    const asked = Number(meta.headers.get("last-event-id") ?? Number.NaN);
    const cursor = Number.isSafeInteger(asked) && asked >= 0 && asked <= opened.cursor ? asked : opened.cursor;
    // The stream outlives the request by hours: what it reads is no part of the request's trace.
    const caller = { actor, meta: { traceId: meta.traceId } };
    return new Response(feedStream(deps, caller, read, encode, cursor, signal), {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" },
    });
  });
};
