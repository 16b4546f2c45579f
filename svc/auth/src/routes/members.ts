import { endMembership as endEndpoint, invite, listMembers as listEndpoint } from "@episante/contracts/auth";
import { bind } from "@episante/service/endpoint";
import { endMembership } from "../actions/end-membership.ts";
import { inviteMember } from "../actions/invite-member.ts";
import { listMembers } from "../actions/list-members.ts";
import type { AuthDeps } from "../deps.ts";

/** `GET` and `POST /api/auth/memberships`, `DELETE /api/auth/memberships/:id` */
export const memberRoutes = (deps: AuthDeps) => [
  bind(listEndpoint, ({ actor, meta }) => listMembers(deps, actor, {}, meta)),
  bind(invite, ({ body, actor, meta }) => inviteMember(deps, actor, body, meta)),
  bind(endEndpoint, async ({ params, actor, meta }) => (await endMembership(deps, actor, params, meta)) ?? undefined),
];
