import { analyticsAlerts, analyticsAppointments, analyticsOverview, analyticsVitals } from "@episante/contracts/doctor";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { readAlerts, readOverview, readVitals, readWeeks } from "../actions/read-analytics.ts";
import type { Deps } from "../deps.ts";

/** Figures of the doctor's analytics page, from gold. */
export function analyticsRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(analyticsOverview, ({ actor, query, meta }) => readOverview(deps, actor, query, meta)),
    bind(analyticsVitals, ({ actor, query, meta }) => readVitals(deps, actor, query, meta)),
    bind(analyticsAlerts, ({ actor, query, meta }) => readAlerts(deps, actor, query, meta)),
    bind(analyticsAppointments, ({ actor, query, meta }) => readWeeks(deps, actor, query, meta)),
  ];
}
