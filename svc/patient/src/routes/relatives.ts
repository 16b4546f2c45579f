import {
  acceptRelative as acceptEndpoint,
  endProxy as endProxyEndpoint,
  endRelative as endRelativeEndpoint,
  listProxies as listProxiesEndpoint,
  listRelatives as listRelativesEndpoint,
  requestRelative as requestEndpoint,
  verifyProxy as verifyEndpoint,
} from "@episante/contracts/patient";
import { bind } from "@episante/service/endpoint";
import { acceptRelative } from "../actions/accept-relative.ts";
import { endProxy, endRelative } from "../actions/end-link.ts";
import { listProxies } from "../actions/list-proxies.ts";
import { listRelatives } from "../actions/list-relatives.ts";
import { requestRelative } from "../actions/request-relative.ts";
import { verifyProxy } from "../actions/verify-proxy.ts";
import type { PatientDeps } from "../deps.ts";

/** `/api/patients/me/relatives` for the two people of a link, `/api/patients/proxies` for staff */
export const relativeRoutes = (deps: PatientDeps) => [
  bind(listRelativesEndpoint, ({ actor, meta }) => listRelatives(deps, actor, {}, meta)),
  bind(requestEndpoint, ({ body, actor, meta }) => requestRelative(deps, actor, body, meta)),
  bind(acceptEndpoint, ({ params, body, actor, meta }) => acceptRelative(deps, actor, { ...params, ...body }, meta)),
  bind(endRelativeEndpoint, ({ params, actor, meta }) => endRelative(deps, actor, params, meta)),
  bind(listProxiesEndpoint, ({ query, actor, meta }) => listProxies(deps, actor, query, meta)),
  bind(verifyEndpoint, ({ params, body, actor, meta }) => verifyProxy(deps, actor, { ...params, ...body }, meta)),
  bind(endProxyEndpoint, ({ params, actor, meta }) => endProxy(deps, actor, params, meta)),
];
