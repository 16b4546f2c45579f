import * as contract from "@episante/contracts/reading";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { latestReadings, listReadings, readRange } from "../actions/read-readings.ts";
import { getReconciliation, orderReconciliation } from "../actions/reconciliation.ts";
import type { IngestDeps } from "../deps.ts";

/** Reading the time series. */
export const readingRoutes = (deps: IngestDeps): BoundRoute[] => [
  bind(contract.latestReadings, ({ actor, query, meta }) => latestReadings(deps, actor, query, meta)),
  bind(contract.reconciliation, ({ actor, meta }) => getReconciliation(deps, actor, {}, meta)),
  bind(contract.orderReconciliation, ({ actor, meta }) => orderReconciliation(deps, actor, {}, meta)),
  bind(contract.listReadings, ({ actor, query, meta }) => listReadings(deps, actor, query, meta)),
  bind(contract.readingRange, ({ actor, query: { patientIds, ...query }, meta }) =>
    readRange(deps, actor, { ...query, ...(patientIds === undefined ? {} : { patientIds: patientIds.split(",") }) }, meta),
  ),
];
