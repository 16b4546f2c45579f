import { acceptInvitation as acceptEndpoint } from "@episante/contracts/auth";
import { bind } from "@episante/service/endpoint";
import { acceptInvitation } from "../actions/accept-invitation.ts";
import type { AuthDeps } from "../deps.ts";
import { refuseInsecure } from "./session-cookie.ts";

/** `POST /api/auth/invitations/accept` */
export const acceptInvitationRoute = (deps: AuthDeps) =>
  bind(acceptEndpoint, async ({ body, actor, meta }) => refuseInsecure(meta) ?? acceptInvitation(deps, actor, body, meta));
