import { captured, inbox } from "@episante/contracts/notification";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { readCaptured, readInbox } from "../actions/read-messages.ts";
import type { Deps } from "../deps.ts";

/** Own messages, and the demo's capture inbox. */
export function messageRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(inbox, ({ actor, query, meta }) => readInbox(deps, actor, query, meta)),
    bind(captured, ({ actor, query, meta }) => readCaptured(deps, actor, query, meta)),
  ];
}
