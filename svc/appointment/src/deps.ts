import type { ActionDeps } from "@episante/service/action";

/** What this service's actions need: the platform's, nothing more. */
export type Deps = ActionDeps;
