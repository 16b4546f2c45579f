import { extendHold as extendEndpoint, getHold, hold, releaseHold as releaseEndpoint } from "@episante/contracts/appointment";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { holdTime } from "../actions/hold-time.ts";
import { extendHold, releaseHold, showHold } from "../actions/keep-hold.ts";
import type { Deps } from "../deps.ts";

/** Holding a time while confirming. */
export function holdRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(hold, ({ actor, body, meta }) => holdTime(deps, actor, body, meta)),
    bind(getHold, ({ actor, params, meta }) => showHold(deps, actor, params, meta)),
    bind(extendEndpoint, ({ actor, params, meta }) => extendHold(deps, actor, params, meta)),
    bind(releaseEndpoint, ({ actor, params, meta }) => releaseHold(deps, actor, params, meta)),
  ];
}
