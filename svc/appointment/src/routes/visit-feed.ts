import { idSchema } from "@episante/contracts/ids";
import { isRefusal, refuse } from "@episante/contracts/problem";
import { visitFeed } from "@episante/contracts/visit";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { visitStream } from "../actions/stream-visits.ts";
import { openVisitFeed, VisitFeed } from "../actions/visit-feed.ts";
import type { Deps } from "../deps.ts";

const mostDoctors = 50;
const doctorId = idSchema("doc");

/** The live feed of agendas: server-sent events out of this service's own tables. */
export function visitFeedRoute(deps: Deps): BoundRoute {
  const feed = new VisitFeed(deps);
  return bind(visitFeed, async ({ actor, query, meta, signal }) => {
    const doctorIds = query.doctorIds?.split(",");
    if (doctorIds && (doctorIds.length > mostDoctors || !doctorIds.every((id) => doctorId.safeParse(id).success)))
      return refuse("invalid-input", { errors: [{ path: "doctorIds", message: `up to ${mostDoctors} ids of doctors, with commas` }] });
    const opened = await openVisitFeed(deps, actor, { doctorIds }, meta);
    if (isRefusal(opened)) return opened;
    const asked = Number(meta.headers.get("last-event-id") ?? Number.NaN);
    const lastEventId = Number.isSafeInteger(asked) && asked >= 0 ? asked : null;
    // The stream outlives the request by hours: what it reads is no part of the request's trace.
    const who = { caller: { actor, meta: { traceId: meta.traceId } }, doctorIds: doctorIds && new Set(doctorIds) };
    return new Response(visitStream({ feed, clock: deps.clock }, who, lastEventId, signal), {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" },
    });
  });
}
