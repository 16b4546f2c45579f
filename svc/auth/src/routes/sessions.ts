import { revokeSession as revokeEndpoint, sessions } from "@episante/contracts/auth";
import { bind } from "@episante/service/endpoint";
import { listSessions } from "../actions/list-sessions.ts";
import { revokeSession } from "../actions/revoke-session.ts";
import type { AuthDeps } from "../deps.ts";

/** `GET /api/auth/sessions` and `DELETE /api/auth/sessions/:id` */
export const sessionRoutes = (deps: AuthDeps) => [
  bind(sessions, ({ actor, meta }) => listSessions(deps, actor, {}, meta)),
  bind(revokeEndpoint, async ({ params, actor, meta }) => (await revokeSession(deps, actor, params, meta)) ?? undefined),
];
