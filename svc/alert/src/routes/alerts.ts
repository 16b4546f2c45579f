import {
  ackAlert as ackEndpoint,
  getAlert as getEndpoint,
  listAlerts as listEndpoint,
  resolveAlert as resolveEndpoint,
} from "@episante/contracts/alert";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { ackAlert } from "../actions/ack-alert.ts";
import { getAlert } from "../actions/get-alert.ts";
import { listAlerts } from "../actions/list-alerts.ts";
import { resolveAlert } from "../actions/resolve-alert.ts";
import type { AlertDeps } from "../deps.ts";

/** Reading alerts, taking them in charge, closing them. */
export const alertRoutes = (deps: AlertDeps): BoundRoute[] => [
  bind(listEndpoint, ({ actor, query, meta }) => listAlerts(deps, actor, query, meta)),
  bind(getEndpoint, ({ actor, params, meta }) => getAlert(deps, actor, params, meta)),
  bind(ackEndpoint, async ({ actor, params, meta }) => {
    const answer = await ackAlert(deps, actor, params, meta);
    deps.feed.wake();
    return answer;
  }),
  bind(resolveEndpoint, async ({ actor, params, meta }) => {
    const answer = await resolveAlert(deps, actor, params, meta);
    deps.feed.wake();
    return answer;
  }),
];
