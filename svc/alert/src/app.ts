import type { BoundRoute } from "@episante/service/endpoint";
import type { AlertDeps } from "./deps.ts";
import { alertRoutes } from "./routes/alerts.ts";
import { feedRoute } from "./routes/feed.ts";
import { onCallRoutes } from "./routes/on-call.ts";
import { ruleRoutes } from "./routes/rules.ts";

/** Every route of svc/alert. Fixed paths come before those with parameters. */
export const routes = (deps: AlertDeps): BoundRoute[] => [
  feedRoute(deps),
  ...onCallRoutes(deps),
  ...alertRoutes(deps),
  ...ruleRoutes(deps),
];
