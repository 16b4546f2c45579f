import { acceptInvitation as acceptEndpoint } from "@episante/contracts/auth";
import { bind } from "@episante/service/endpoint";
import { acceptInvitation } from "../actions/accept-invitation.ts";
import type { AuthDeps } from "../deps.ts";

/** `POST /api/auth/invitations/accept` */
export const acceptInvitationRoute = (deps: AuthDeps) =>
  bind(acceptEndpoint, ({ body, actor, meta }) => acceptInvitation(deps, actor, body, meta));
