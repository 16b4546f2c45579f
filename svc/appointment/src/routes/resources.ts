import { addResource as addEndpoint, listResources, putResource, retireResource as retireEndpoint } from "@episante/contracts/resource";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { addResource, changeResource, retireResource, showResources } from "../actions/keep-resources.ts";
import type { Deps } from "../deps.ts";

/** Rooms and devices of clinics. */
export function resourceRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(listResources, ({ actor, query, meta }) => showResources(deps, actor, query, meta)),
    bind(addEndpoint, ({ actor, query, body, meta }) => addResource(deps, actor, { ...query, ...body }, meta)),
    bind(putResource, ({ actor, params, body, meta }) => changeResource(deps, actor, { ...params, ...body }, meta)),
    bind(retireEndpoint, ({ actor, params, meta }) => retireResource(deps, actor, params, meta)),
  ];
}
