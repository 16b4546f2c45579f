import {
  getNoShowBlock,
  getNoShowPolicy,
  liftNoShowBlock,
  moveVisit,
  putNoShowPolicy,
  setVisitStatus as setStatusEndpoint,
  undoVisitStatus as undoStatusEndpoint,
  visitHistory,
} from "@episante/contracts/visit";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { moveAppointment } from "../actions/move-appointment.ts";
import { keepNoShowPolicy, liftBlock, showBlock, showNoShowPolicy } from "../actions/no-shows.ts";
import { setVisitStatus, undoVisitStatus } from "../actions/set-status.ts";
import { showHistory } from "../actions/show-history.ts";
import type { Deps } from "../deps.ts";

/** A visit after it was booked: moved, followed on the floor, its history; and what missed visits lead to. */
export function visitRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(getNoShowPolicy, ({ actor, query, meta }) => showNoShowPolicy(deps, actor, query, meta)),
    bind(putNoShowPolicy, ({ actor, body, meta }) => keepNoShowPolicy(deps, actor, body, meta)),
    bind(getNoShowBlock, ({ actor, params, query, meta }) => showBlock(deps, actor, { ...params, ...query }, meta)),
    bind(liftNoShowBlock, ({ actor, params, body, meta }) => liftBlock(deps, actor, { ...params, ...body }, meta)),
    bind(moveVisit, ({ actor, params, body, meta }) => moveAppointment(deps, actor, { ...params, ...body }, meta)),
    bind(setStatusEndpoint, ({ actor, params, body, meta }) => setVisitStatus(deps, actor, { ...params, ...body }, meta)),
    bind(undoStatusEndpoint, ({ actor, params, meta }) => undoVisitStatus(deps, actor, params, meta)),
    bind(visitHistory, ({ actor, params, meta }) => showHistory(deps, actor, params, meta)),
  ];
}
