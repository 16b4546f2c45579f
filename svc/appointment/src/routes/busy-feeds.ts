import {
  addBusyFeed as addEndpoint,
  listBusyFeeds as listEndpoint,
  removeBusyFeed as removeEndpoint,
  listBusyTimes as timesEndpoint,
} from "@episante/contracts/busy-feed";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { addFeed, removeFeed, showBusyTimes, showFeeds } from "../actions/busy-feeds.ts";
import type { Deps } from "../deps.ts";

/** Calendars elsewhere that say when a doctor is busy. */
export function busyFeedRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(addEndpoint, ({ actor, body, meta }) => addFeed(deps, actor, body, meta)),
    bind(listEndpoint, ({ actor, query, meta }) => showFeeds(deps, actor, query, meta)),
    bind(removeEndpoint, ({ actor, params, meta }) => removeFeed(deps, actor, params, meta)),
    bind(timesEndpoint, ({ actor, query, meta }) => showBusyTimes(deps, actor, query, meta)),
  ];
}
