import { declareAbsence, endAbsence, listAbsences } from "@episante/contracts/absence";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { declareAbsence as declare } from "../actions/declare-absence.ts";
import { endAbsence as end } from "../actions/end-absence.ts";
import { showAbsences } from "../actions/show-absences.ts";
import type { Deps } from "../deps.ts";

/** Times at which a doctor is away. */
export function absenceRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(declareAbsence, ({ actor, body, meta }) => declare(deps, actor, body, meta)),
    bind(listAbsences, ({ actor, query, meta }) => showAbsences(deps, actor, query, meta)),
    bind(endAbsence, ({ actor, params, meta }) => end(deps, actor, params, meta)),
  ];
}
