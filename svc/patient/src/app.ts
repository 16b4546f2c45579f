import type { BoundRoute } from "@episante/service/endpoint";
import type { PatientDeps } from "./deps.ts";
import { meRoutes } from "./routes/me.ts";
import { patientRoutes } from "./routes/patients.ts";
import { relationshipRoutes } from "./routes/relationships.ts";
import { relativeRoutes } from "./routes/relatives.ts";
import { transferRoutes } from "./routes/transfer.ts";

/** Every route of this service. `/me`, `/proxies`, `/import` and `/export` come first: they must not read as an id. */
export function patientRoutesOf(deps: PatientDeps): BoundRoute[] {
  return [...meRoutes(deps), ...relativeRoutes(deps), ...transferRoutes(deps), ...patientRoutes(deps), ...relationshipRoutes(deps)];
}
