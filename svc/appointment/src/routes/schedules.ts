import {
  getClosures,
  getSchedule,
  importClosures,
  previewSchedule,
  putClosures,
  putSchedule,
  whyNot,
} from "@episante/contracts/appointment";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { importClosures as importFile, replaceClosures, showClosures } from "../actions/keep-closures.ts";
import { previewSchedule as preview, replaceSchedule, showSchedule } from "../actions/keep-schedule.ts";
import { whyNot as explain } from "../actions/why-not.ts";
import type { Deps } from "../deps.ts";

/** Hours of doctors, closed days of clinics, and why a time is not bookable. */
export function scheduleRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(getSchedule, ({ actor, params, meta }) => showSchedule(deps, actor, params, meta)),
    bind(putSchedule, ({ actor, params, body, meta }) => replaceSchedule(deps, actor, { ...params, schedule: body }, meta)),
    bind(previewSchedule, ({ actor, params, body, meta }) => preview(deps, actor, { ...params, ...body }, meta)),
    bind(getClosures, ({ actor, query, meta }) => showClosures(deps, actor, query, meta)),
    bind(putClosures, ({ actor, query, body, meta }) => replaceClosures(deps, actor, { ...query, ...body }, meta)),
    bind(importClosures, ({ actor, body, meta }) => importFile(deps, actor, body, meta)),
    bind(whyNot, ({ actor, query, meta }) => explain(deps, actor, query, meta)),
  ];
}
