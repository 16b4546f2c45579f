import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, clinicIdsOf } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AuthDeps } from "../deps.ts";
import { useInvitations } from "../storage/invitations.ts";
import { findMembership, moveMembership } from "../storage/memberships.ts";
import { factsOf } from "./invite-member.ts";
import { syncSessionsOf } from "./sync-session.ts";

const end = defineAction<AuthDeps, { id: string }, { accountId: string }>({
  name: "auth.end-membership",
  access: async ({ actor, input, tx }) => {
    const membership = await findMembership(tx, input.id);
    const isOurs = membership !== null && clinicIdsOf(actor, "admin").includes(membership.clinicId as `cli_${string}`);
    return isOurs ? grant.clinics([membership.clinicId]) : refuse("not-found");
  },
  run: async ({ input, tx, now, emit, audit }) => {
    const ended = await moveMembership(tx, input.id, ["invited", "active"], "ended", new Date(now));
    if (!ended) return refuse("not-found");
    await useInvitations(tx, ended.id, new Date(now));
    await emit("membership.changed", factsOf(ended));
    audit({ entity: { type: "membership", id: ended.id } });
    return { accountId: ended.accountId };
  },
  settle: true,
});

/** Ends a membership of an own clinic. Open sessions of the person lose its rights before the answer. */
export async function endMembership(deps: AuthDeps, actor: Actor, input: { id: string }, meta: ActionMeta): Promise<Refusal | null> {
  const ended = await end(deps, actor, input, meta);
  if (isRefusal(ended)) return ended;
  await syncSessionsOf(deps, ended.accountId);
  return null;
}
