import { me, putPreferences } from "@episante/contracts/auth";
import { bind } from "@episante/service/endpoint";
import { readMe } from "../actions/read-me.ts";
import { savePreferences } from "../actions/save-preferences.ts";
import type { AuthDeps } from "../deps.ts";

/** `GET /api/auth/me` and `PUT /api/auth/me/preferences` */
export const meRoutes = (deps: AuthDeps) => [
  bind(me, ({ actor, meta }) => readMe(deps, actor, {}, meta)),
  bind(putPreferences, ({ body, actor, meta }) => savePreferences(deps, actor, body, meta)),
];
