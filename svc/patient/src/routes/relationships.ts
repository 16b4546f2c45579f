import {
  endRelationship as endEndpoint,
  listRelationships as listEndpoint,
  openRelationship as openEndpoint,
} from "@episante/contracts/patient";
import { bind } from "@episante/service/endpoint";
import { endRelationship } from "../actions/end-relationship.ts";
import { listRelationships } from "../actions/list-relationships.ts";
import { openRelationship } from "../actions/open-relationship.ts";
import type { PatientDeps } from "../deps.ts";

/** `/api/patients/:id/relationships` */
export const relationshipRoutes = (deps: PatientDeps) => [
  bind(listEndpoint, ({ params, actor, meta }) => listRelationships(deps, actor, params, meta)),
  bind(openEndpoint, ({ params, body, actor, meta }) => openRelationship(deps, actor, { ...params, ...body }, meta)),
  bind(endEndpoint, ({ params, actor, meta }) => endRelationship(deps, actor, params, meta)),
];
