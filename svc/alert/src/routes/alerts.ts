import {
  ackAlert as ackEndpoint,
  assignAlert as assignEndpoint,
  listAssignees as assigneesEndpoint,
  commentAlert as commentEndpoint,
  endSnooze as endSnoozeEndpoint,
  getAckExpiry as getAckExpiryEndpoint,
  getAlert as getEndpoint,
  listAlerts as listEndpoint,
  putAckExpiry as putAckExpiryEndpoint,
  resolveAlert as resolveEndpoint,
  snoozeAlert as snoozeEndpoint,
} from "@episante/contracts/alert";
import { alertLoad as loadEndpoint } from "@episante/contracts/alert-load";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { ackAlert } from "../actions/ack-alert.ts";
import { getAckExpiry, putAckExpiry } from "../actions/ack-expiry.ts";
import { alertLoad } from "../actions/alert-load.ts";
import { assignAlert, listAssignees } from "../actions/assign-alert.ts";
import { commentAlert } from "../actions/comment-alert.ts";
import { endSnooze } from "../actions/end-snooze.ts";
import { getAlert } from "../actions/get-alert.ts";
import { listAlerts } from "../actions/list-alerts.ts";
import { resolveAlert } from "../actions/resolve-alert.ts";
import { snoozeAlert } from "../actions/snooze-alert.ts";
import type { AlertDeps } from "../deps.ts";

/** Reading alerts, and what doctors do with them. What was changed, the feed is told at once. */
export const alertRoutes = (deps: AlertDeps): BoundRoute[] => {
  const told = async <T>(answer: Promise<T>): Promise<T> => {
    const done = await answer;
    deps.feed.wake();
    return done;
  };
  return [
    bind(listEndpoint, ({ actor, query, meta }) => listAlerts(deps, actor, query, meta)),
    bind(getAckExpiryEndpoint, ({ actor, query, meta }) => getAckExpiry(deps, actor, query, meta)),
    bind(putAckExpiryEndpoint, ({ actor, body, meta }) => putAckExpiry(deps, actor, body, meta)),
    bind(loadEndpoint, ({ actor, query, meta }) => alertLoad(deps, actor, query, meta)),
    bind(getEndpoint, ({ actor, params, meta }) => getAlert(deps, actor, params, meta)),
    bind(ackEndpoint, ({ actor, params, meta }) => told(ackAlert(deps, actor, params, meta))),
    bind(resolveEndpoint, ({ actor, params, meta }) => told(resolveAlert(deps, actor, params, meta))),
    bind(snoozeEndpoint, ({ actor, params, body, meta }) => told(snoozeAlert(deps, actor, { ...params, ...body }, meta))),
    bind(endSnoozeEndpoint, ({ actor, params, meta }) => told(endSnooze(deps, actor, params, meta))),
    bind(assignEndpoint, ({ actor, params, body, meta }) => told(assignAlert(deps, actor, { ...params, ...body }, meta))),
    bind(assigneesEndpoint, ({ actor, params, meta }) => listAssignees(deps, actor, params, meta)),
    bind(commentEndpoint, ({ actor, params, body, meta }) => told(commentAlert(deps, actor, { ...params, ...body }, meta))),
  ];
};
