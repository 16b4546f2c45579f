import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { PipelineDeps } from "../deps.ts";
import { dayIn, defaultZone } from "../domain/days.ts";
import { insertRun, type Stage } from "../storage/runs.ts";
import type { StartedRun } from "./run-stages.ts";

/** Records that a run was started, by whom, and audits it. Admins (by the endpoint's policy), the operator and the pipeline's own job. */
export const startRun = defineAction<PipelineDeps, { stage: Stage; day?: string | undefined }, StartedRun>({
  name: "pipeline.start-run",
  access: () => grant.system("pipeline.start-run"),
  run: async ({ input, tx, now, audit }) => {
    const id = newId("run", now);
    const day = input.day ?? dayIn(defaultZone, now);
    await insertRun(tx, { id, stage: input.stage, day, startedAtMs: now });
    audit({ entity: { type: "run", id } });
    return { id, stage: input.stage, day, ...(input.day ? { wantedDay: input.day } : {}) };
  },
});
