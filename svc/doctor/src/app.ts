import type { BoundRoute } from "@episante/service/endpoint";
import type { Deps } from "./deps.ts";
import { analyticsRoutes } from "./routes/analytics.ts";
import { directoryRoutes } from "./routes/directory.ts";

/** Every route of the service; paths below `/me` before `/:id`. */
export function routes(deps: Deps): BoundRoute[] {
  return [...analyticsRoutes(deps), ...directoryRoutes(deps)];
}
