import type { ActionDeps } from "@episante/service/action";
import type { CallInternal } from "@episante/service/call";
import type { Gold } from "./storage/gold.ts";

/** What this service's actions need. */
export interface Deps extends ActionDeps {
  readonly callInternal: CallInternal;
  /** The warehouse, when there is one. */
  readonly gold: Gold;
  /** Whether the mirrored care relationships may be trusted now. */
  readonly relationships: { fresh(): boolean };
}
