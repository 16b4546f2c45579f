import { captured } from "@episante/contracts/notification";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { readCaptured } from "../actions/read-messages.ts";
import type { Deps } from "../deps.ts";

/** The demo's capture inbox. */
export function messageRoutes(deps: Deps): BoundRoute[] {
  return [bind(captured, ({ actor, query, meta }) => readCaptured(deps, actor, query, meta))];
}
