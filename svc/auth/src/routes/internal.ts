import { accountProfile, bootstrap } from "@episante/contracts/auth";
import { bind } from "@episante/service/endpoint";
import { bootstrapClinic } from "../actions/bootstrap-clinic.ts";
import { readAccountProfile } from "../actions/read-account-profile.ts";
import type { AuthDeps } from "../deps.ts";

/** For the operator and other services; the gateway never forwards these. */
export const internalRoutes = (deps: AuthDeps) => [
  bind(bootstrap, ({ body, actor, meta }) => bootstrapClinic(deps, actor, body, meta)),
  bind(accountProfile, ({ params, actor, meta }) => readAccountProfile(deps, actor, params, meta)),
];
