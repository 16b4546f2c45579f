import type { acceptInvitation as endpoint } from "@episante/contracts/auth";
import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import { type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { type ActionMeta, defineAction } from "@episante/service/action";
import { grant } from "@episante/service/db";
import type { AuthDeps } from "../deps.ts";
import { refuseInvitation } from "../domain/invitation.ts";
import { invitationLimit, ipKey } from "../domain/limits.ts";
import { refuseWeak } from "../domain/password-policy.ts";
import { sha256 } from "../secrets.ts";
import { setFirstPassword } from "../storage/accounts.ts";
import { findInvitation, useInvitations } from "../storage/invitations.ts";
import { moveMembership } from "../storage/memberships.ts";
import { factsOf } from "./invite-member.ts";
import { limitAttempts } from "./limit-attempts.ts";

type Answer = ResponseOf<typeof endpoint>;
type Found = NonNullable<Awaited<ReturnType<typeof findInvitation>>>;

/** Chooses the first password of an invited account and activates the membership. Unknown secrets count against the address. */
export async function acceptInvitation(
  deps: AuthDeps,
  actor: Actor,
  input: BodyOf<typeof endpoint>,
  meta: ActionMeta,
): Promise<Answer | Refusal> {
  const secretHash = sha256(input.invitation);
  const keys = { kind: "invitation", accountKey: secretHash, ipKey: ipKey(meta.ip) } as const;
  return limitAttempts<Answer | Refusal>(deps, keys, { ip: invitationLimit }, async () => {
    const found = await deps.db.transaction(grant.system("auth.accept-invitation"), (tx) => findInvitation(tx, secretHash, false));
    const refusal = refuseInvitation(found && stateOf(found), deps.clock.now());
    if (!found || refusal) return { result: refusal ?? refuse("code-expired"), succeeded: found !== null };
    const { email, givenName, familyName } = found.account;
    const weak = refuseWeak(input.password, [email, givenName, familyName]);
    if (weak) return { result: weak, succeeded: true };
    const passwordHash = await deps.passwords.hash(input.password);
    return { result: await activate(deps, actor, { secretHash, passwordHash }, meta), succeeded: true };
  });
}

const activate = defineAction<AuthDeps, { secretHash: string; passwordHash: string }, Answer>({
  name: "auth.accept-invitation",
  access: () => grant.system("auth.accept-invitation"),
  run: async ({ input, tx, now, emit, audit }) => {
    const found = await findInvitation(tx, input.secretHash, true);
    const refusal = refuseInvitation(found && stateOf(found), now);
    if (!found || refusal) return refusal ?? refuse("code-expired");
    const { membership, account } = found;
    const isFirst = await setFirstPassword(tx, account.id, input.passwordHash);
    const active = isFirst ? await moveMembership(tx, membership.id, ["invited"], "active", new Date(now)) : null;
    if (!active) return refuse("code-used");
    await useInvitations(tx, membership.id, new Date(now));
    const facts = factsOf(active);
    await emit("membership.changed", facts);
    audit({ clinicIds: [membership.clinicId], entity: { type: "membership", id: membership.id } });
    return { accountId: facts.accountId, ...(facts.doctorId ? { doctorId: facts.doctorId } : {}) };
  },
  settle: true,
});

function stateOf({ invitation, membership, account }: Found) {
  return {
    usedAtMs: invitation.usedAt?.getTime() ?? null,
    expiresAtMs: invitation.expiresAt.getTime(),
    membershipStatus: membership.status,
    hasPassword: account.passwordHash !== null,
  };
}
