import { idSchema } from "@episante/contracts/ids";
import { refuse } from "@episante/contracts/problem";
import { defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { PipelineDeps } from "../deps.ts";
import { listRunPage, type Run } from "../storage/runs.ts";

/** A page of runs, newest first. Runs name no patient: every admin and doctor may see them (the endpoint's policy). */
export const listRuns = defineAction<
  PipelineDeps,
  { cursor?: string | undefined; limit?: number | undefined },
  { items: Run[]; next?: string }
>({
  name: "pipeline.list-runs",
  access: () => grant.public(),
  run: async ({ input, tx }) => {
    if (input.cursor !== undefined && !idSchema("run").safeParse(input.cursor).success)
      return refuse("invalid-input", { errors: [{ path: "cursor", message: "not a cursor of this list" }] });
    const limit = input.limit ?? 50;
    const items = await listRunPage(tx, input.cursor, limit);
    const next = items.at(-1)?.id;
    return { items, ...(items.length === limit && next ? { next } : {}) };
  },
});
