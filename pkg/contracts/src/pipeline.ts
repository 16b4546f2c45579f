import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf, pageQuery } from "./page.ts";
import { daySchema, instantSchema } from "./time.ts";

const service = "pipeline" as const;
export const stages = ["bronze", "silver", "gold", "all"] as const;
export const runSchema = z.object({
  id: idSchema("run"),
  stage: z.enum(stages),
  day: daySchema,
  status: z.enum(["running", "done", "failed"]),
  startedAt: instantSchema,
  finishedAt: instantSchema.optional(),
  rowsIn: z.number(),
  rowsOut: z.number(),
  changed: z.boolean(),
  error: z.string().optional(),
});
export const listRuns = defineEndpoint({
  id: "pipeline.list-runs",
  service,
  method: "GET",
  path: "/api/pipeline/runs",
  summary: "ETL runs, newest first",
  policy: { kind: "roles", roles: ["admin", "doctor"] },
  query: z.strictObject(pageQuery),
  response: listOf(runSchema),
});
/** Runs to the end and answers the run. A second run of an unchanged day changes nothing (`changed: false`). */
export const startRun = defineEndpoint({
  id: "pipeline.start-run",
  service,
  method: "POST",
  path: "/api/pipeline/runs",
  summary: "Run a stage for a day",
  policy: { kind: "roles", roles: ["admin"] },
  status: 201,
  body: z.strictObject({ stage: z.enum(stages), day: daySchema.optional() }),
  response: runSchema,
});
export const quality = defineEndpoint({
  id: "pipeline.quality",
  service,
  method: "GET",
  path: "/api/pipeline/quality",
  summary: "Data quality checks of the last run",
  policy: { kind: "roles", roles: ["admin", "doctor"] },
  response: listOf(z.object({ check: z.string(), day: daySchema, offending: z.number().int(), ok: z.boolean(), at: instantSchema })),
});
/** Internal: the same as `startRun`, for the launcher's `etl` command. */
export const startRunInternal = defineEndpoint({
  id: "pipeline.start-run-internal",
  service,
  method: "POST",
  path: "/internal/pipeline/runs",
  summary: "Run a stage for a day",
  policy: { kind: "service", callers: ["operator"] },
  status: 201,
  body: z.strictObject({ stage: z.enum(stages), day: daySchema.optional() }),
  response: listOf(runSchema),
});
export const pipelineEndpoints = [listRuns, startRun, quality, startRunInternal] as const;
