import { getMessagePreferences, inbox, inboxUnread, putMessagePreferences, readAllPages, readPage } from "@episante/contracts/notification";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { choosePreferences, readPreferences } from "../actions/choose-messages.ts";
import { readInbox, readPages, readUnread } from "../actions/read-inbox.ts";
import type { Deps } from "../deps.ts";

/** What was sent to an account, and what it wants to be sent. */
export function inboxRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(inbox, ({ actor, query, meta }) => readInbox(deps, actor, query, meta)),
    bind(inboxUnread, ({ actor, meta }) => readUnread(deps, actor, undefined, meta)),
    bind(readPage, ({ actor, params, meta }) => readPages(deps, actor, params, meta)),
    bind(readAllPages, ({ actor, meta }) => readPages(deps, actor, {}, meta)),
    bind(getMessagePreferences, ({ actor, meta }) => readPreferences(deps, actor, undefined, meta)),
    bind(putMessagePreferences, ({ actor, body, meta }) => choosePreferences(deps, actor, body, meta)),
  ];
}
