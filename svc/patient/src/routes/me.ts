import { getMyProfile, patchMyProfile as patchEndpoint } from "@episante/contracts/patient";
import { bind } from "@episante/service/endpoint";
import { patchMyProfile } from "../actions/patch-my-profile.ts";
import { readMyProfile } from "../actions/read-my-profile.ts";
import type { PatientDeps } from "../deps.ts";

/** `GET` and `PATCH /api/patients/me` */
export const meRoutes = (deps: PatientDeps) => [
  bind(getMyProfile, ({ actor, meta }) => readMyProfile(deps, actor, meta)),
  bind(patchEndpoint, ({ body, actor, meta }) => patchMyProfile(deps, actor, body, meta)),
];
