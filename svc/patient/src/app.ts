import type { BoundRoute } from "@episante/service/endpoint";
import type { PatientDeps } from "./deps.ts";
import { meRoutes } from "./routes/me.ts";
import { patientRoutes } from "./routes/patients.ts";
import { relationshipRoutes } from "./routes/relationships.ts";

/** Every route of this service. `/me` comes first: it must not read as an id. */
export function patientRoutesOf(deps: PatientDeps): BoundRoute[] {
  return [...meRoutes(deps), ...patientRoutes(deps), ...relationshipRoutes(deps)];
}
