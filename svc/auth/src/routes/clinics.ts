import { listClinics as listEndpoint, updateClinic as updateEndpoint } from "@episante/contracts/auth";
import { bind } from "@episante/service/endpoint";
import { listClinics } from "../actions/list-clinics.ts";
import { updateClinic } from "../actions/update-clinic.ts";
import type { AuthDeps } from "../deps.ts";

/** `GET /api/auth/clinics` and `PUT /api/auth/clinics/:id` */
export const clinicRoutes = (deps: AuthDeps) => [
  bind(listEndpoint, ({ actor, meta }) => listClinics(deps, actor, {}, meta)),
  bind(updateEndpoint, ({ params, body, actor, meta }) => updateClinic(deps, actor, { id: params.id, facts: body }, meta)),
];
