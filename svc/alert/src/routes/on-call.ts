import { getOnCall as getEndpoint, putOnCall as putEndpoint } from "@episante/contracts/on-call";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { getOnCall, putOnCall } from "../actions/on-call.ts";
import type { AlertDeps } from "../deps.ts";

/** Who is told of a clinic's alerts, and when. */
export const onCallRoutes = (deps: AlertDeps): BoundRoute[] => [
  bind(getEndpoint, ({ actor, query, meta }) => getOnCall(deps, actor, query, meta)),
  bind(putEndpoint, ({ actor, body, meta }) => putOnCall(deps, actor, body, meta)),
];
