import {
  bookSeries as bookEndpoint,
  cancelSeries as cancelEndpoint,
  getSeries,
  moveSeries as moveEndpoint,
  previewSeriesChange as previewChangeEndpoint,
  previewSeries as previewEndpoint,
} from "@episante/contracts/series";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { bookSeries, previewSeries } from "../actions/book-series.ts";
import { cancelSeries, moveSeries, previewSeriesChange } from "../actions/change-series.ts";
import { showSeries } from "../actions/show-series.ts";
import type { Deps } from "../deps.ts";

/** Visits that repeat: looked at before, booked, moved and cancelled together. */
export function seriesRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(previewEndpoint, ({ actor, body, meta }) => previewSeries(deps, actor, body, meta)),
    bind(bookEndpoint, ({ actor, body, meta }) => bookSeries(deps, actor, body, meta)),
    bind(getSeries, ({ actor, params, meta }) => showSeries(deps, actor, params, meta)),
    bind(previewChangeEndpoint, ({ actor, params, body, meta }) => previewSeriesChange(deps, actor, { ...params, ...body }, meta)),
    bind(moveEndpoint, ({ actor, params, body, meta }) => moveSeries(deps, actor, { ...params, ...body }, meta)),
    bind(cancelEndpoint, ({ actor, params, body, meta }) => cancelSeries(deps, actor, { ...params, ...body }, meta)),
  ];
}
