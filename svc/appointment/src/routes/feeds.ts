import { createHash } from "node:crypto";
import {
  createFeed as createEndpoint,
  listFeeds as listEndpoint,
  readFeed as readEndpoint,
  revokeFeed as revokeEndpoint,
  visitCalendarFile,
} from "@episante/contracts/calendar-feed";
import { isRefusal } from "@episante/contracts/problem";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { feedIcs } from "../actions/appointment-ics.ts";
import { createFeed, listFeeds, readFeed, revokeFeed, showCalendarFile } from "../actions/calendar-feeds.ts";
import { titleVisits } from "../actions/feed-titles.ts";
import type { Deps } from "../deps.ts";
import { isSameTag } from "../domain/feed.ts";

/** Visits for calendar programs: one as a file, and private addresses to subscribe to. */
export function feedRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(visitCalendarFile, async ({ actor, params, meta }) => {
      const text = await showCalendarFile(deps, actor, params, meta);
      return isRefusal(text) ? text : calendarAnswer(text, meta.headers, "attachment");
    }),
    bind(createEndpoint, ({ actor, body, meta }) => createFeed(deps, actor, body, meta)),
    bind(listEndpoint, ({ actor, meta }) => listFeeds(deps, actor, {}, meta)),
    bind(revokeEndpoint, ({ actor, params, meta }) => revokeFeed(deps, actor, params, meta)),
    bind(readEndpoint, async ({ actor, params, meta }) => {
      const content = await readFeed(deps, actor, params, meta);
      if (isRefusal(content)) return content;
      const entries = await titleVisits(content, deps.callInternal);
      return isRefusal(entries) ? entries : calendarAnswer(feedIcs("EpiSanté", entries), meta.headers, "inline");
    }),
  ];
}

/** iCalendar text, or 304 for who has it already. Asked for again every time, so that a revoked address ends at once. */
function calendarAnswer(text: string, asked: Headers, disposition: "attachment" | "inline"): Response {
  const tag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;
  const headers = { etag: tag, "cache-control": "private, no-cache" };
  if (isSameTag(asked.get("if-none-match"), tag)) return new Response(null, { status: 304, headers });
  return new Response(text, {
    headers: {
      ...headers,
      "content-type": "text/calendar; charset=utf-8",
      "content-disposition": `${disposition}; filename="rendez-vous.ics"`,
    },
  });
}
