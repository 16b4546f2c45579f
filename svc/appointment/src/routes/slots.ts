import { listSlots as endpoint } from "@episante/contracts/appointment";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { listSlots } from "../actions/list-slots.ts";
import type { Deps } from "../deps.ts";

/** Bookable times. */
export function slotRoutes(deps: Deps): BoundRoute[] {
  return [bind(endpoint, ({ actor, query }) => listSlots(deps, actor, query))];
}
