import { isRefusal } from "@episante/contracts/problem";
import {
  exportHours as exportHoursEndpoint,
  exportVisits as exportVisitsEndpoint,
  hoursColumns,
  importHours as importHoursEndpoint,
  importVisits as importVisitsEndpoint,
  visitColumns,
} from "@episante/contracts/transfer";
import { csvAnswer } from "@episante/service/csv";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { exportVisitsPage } from "../actions/export-visits.ts";
import { importVisits } from "../actions/import-visits.ts";
import { readDirectory } from "../actions/read-directory.ts";
import { exportHours, importHours } from "../actions/transfer-hours.ts";
import type { Deps } from "../deps.ts";

/** Visits and weekly hours from and to CSV files. */
export function transferRoutes(deps: Deps): BoundRoute[] {
  return [
    bind(importVisitsEndpoint, ({ actor, body, meta }) => importVisits(deps, actor, body, meta)),
    bind(exportVisitsEndpoint, async ({ actor, query, meta }) => {
      const directory = await readDirectory(deps, actor, query, meta);
      if (isRefusal(directory)) return directory;
      return csvAnswer("visits.csv", visitColumns, (cursor) => exportVisitsPage(deps, actor, { ...query, cursor, directory }, meta));
    }),
    bind(importHoursEndpoint, ({ actor, body, meta }) => importHours(deps, actor, body, meta)),
    bind(exportHoursEndpoint, async ({ actor, query, meta }) => {
      const directory = await readDirectory(deps, actor, query, meta);
      if (isRefusal(directory)) return directory;
      return csvAnswer("hours.csv", hoursColumns, () => exportHours(deps, actor, { ...query, directory }, meta));
    }),
  ];
}
