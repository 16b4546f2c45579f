import type { BoundRoute } from "@episante/service/endpoint";
import type { IngestDeps } from "./deps.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { readingRoutes } from "./routes/readings.ts";

/** Every route of svc/ingest. */
export const routes = (deps: IngestDeps): BoundRoute[] => [...deviceRoutes(deps), ...readingRoutes(deps)];
