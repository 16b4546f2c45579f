import { quality } from "@episante/contracts/pipeline";
import { toInstant } from "@episante/contracts/time";
import { type BoundRoute, bind } from "@episante/service/endpoint";
import type { PipelineDeps } from "../deps.ts";
import { listQuality } from "../storage/quality.ts";

/** Results of the data quality checks. */
export function qualityRoutes(deps: PipelineDeps): BoundRoute[] {
  return [
    bind(quality, async () => {
      const results = await listQuality(deps.db, 200);
      return { items: results.map(({ atMs, ...result }) => ({ ...result, ok: result.offending === 0, at: toInstant(atMs) })) };
    }),
  ];
}
