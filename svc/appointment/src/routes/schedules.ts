import { getSchedule, putSchedule } from "@episante/contracts/appointment";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { replaceSchedule, showSchedule } from "../actions/keep-schedule.ts";
import type { Deps } from "../deps.ts";

/** Weekly hours of doctors. */
export function scheduleRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(getSchedule, ({ actor, params, meta }) => showSchedule(deps, actor, params, meta)),
    bind(putSchedule, ({ actor, params, body, meta }) => replaceSchedule(deps, actor, { ...params, schedule: body }, meta)),
  ];
}
