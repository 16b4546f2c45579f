import { listSlots as endpoint, listHeld as heldEndpoint } from "@episante/contracts/appointment";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { listHeld } from "../actions/list-held.ts";
import { makeListSlots } from "../actions/list-slots.ts";
import type { Deps } from "../deps.ts";

/** Bookable times, and those that somebody is confirming. */
export function slotRoutes(deps: Deps): BoundRoute[] {
  const listSlots = makeListSlots(deps);
  return [
    bind(endpoint, ({ actor, query }) => listSlots(actor, query)),
    bind(heldEndpoint, ({ actor, query }) => listHeld(deps, actor, query)),
  ];
}
