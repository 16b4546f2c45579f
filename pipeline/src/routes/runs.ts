import { listRuns, startRun, startRunInternal } from "@episante/contracts/pipeline";
import { isRefusal } from "@episante/contracts/problem";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import { listRuns as listPage } from "../actions/list-runs.ts";
import { runStages } from "../actions/run-stages.ts";
import { startRun as start } from "../actions/start-run.ts";
import type { PipelineDeps } from "../deps.ts";

/** Run history and the doors that start a run. */
export function runRoutes(deps: PipelineDeps): BoundRoute[] {
  return [
    bind(listRuns, ({ query, actor, meta }) => listPage(deps, actor, query, meta)),
    bind(startRun, async ({ body, actor, meta }) => {
      const started = await start(deps, actor, body, meta);
      return isRefusal(started) ? started : runStages(deps, actor, started);
    }),
    bind(startRunInternal, async ({ body, actor, meta }) => {
      const started = await start(deps, actor, body, meta);
      return isRefusal(started) ? started : { items: [await runStages(deps, actor, started)] };
    }),
  ];
}
