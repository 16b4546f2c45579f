import { getCancelReasons, putCancelReasons } from "@episante/contracts/cancel-reason";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { keepCancelReasons, showCancelReasons } from "../actions/cancel-reasons.ts";
import type { Deps } from "../deps.ts";

/** Reasons offered when a visit is cancelled. */
export function cancelReasonRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(getCancelReasons, ({ actor, query, meta }) => showCancelReasons(deps, actor, query, meta)),
    bind(putCancelReasons, ({ actor, query, body, meta }) => keepCancelReasons(deps, actor, { ...query, reasons: body }, meta)),
  ];
}
