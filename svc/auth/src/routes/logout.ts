import { logout as logoutEndpoint } from "@episante/contracts/auth";
import { bind, withHeaders } from "@episante/service/endpoint";
import { logout } from "../actions/logout.ts";
import type { AuthDeps } from "../deps.ts";
import { clearSession } from "./session-cookie.ts";

/** `POST /api/auth/logout` */
export const logoutRoute = (deps: AuthDeps) =>
  bind(logoutEndpoint, async ({ actor, meta }) => (await logout(deps, actor, meta)) ?? withHeaders(undefined, clearSession));
