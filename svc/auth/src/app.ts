import type { BoundRoute } from "@episante/service/endpoint";
import type { AuthDeps } from "./deps.ts";
import { acceptInvitationRoute } from "./routes/accept-invitation.ts";
import { clinicRoutes } from "./routes/clinics.ts";
import { internalRoutes } from "./routes/internal.ts";
import { jwksRoute } from "./routes/jwks.ts";
import { loginRoute } from "./routes/login.ts";
import { logoutRoute } from "./routes/logout.ts";
import { meRoutes } from "./routes/me.ts";
import { memberRoutes } from "./routes/members.ts";
import { registerRoute } from "./routes/register.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { stepUpRoute } from "./routes/step-up.ts";

/** Every route of this service. */
export function authRoutes(deps: AuthDeps): BoundRoute[] {
  return [
    registerRoute(deps),
    loginRoute(deps),
    stepUpRoute(deps),
    logoutRoute(deps),
    ...meRoutes(deps),
    ...sessionRoutes(deps),
    jwksRoute(deps),
    ...clinicRoutes(deps),
    ...memberRoutes(deps),
    acceptInvitationRoute(deps),
    ...internalRoutes(deps),
  ];
}
