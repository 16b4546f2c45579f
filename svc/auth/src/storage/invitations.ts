import type { Tx } from "@episante/service/db";
import { and, eq, isNull } from "drizzle-orm";
import { accounts, invitations, memberships } from "./schema.ts";

/** An invitation with its membership and account. @param lock holds the invitation until the transaction ends */
export async function findInvitation(tx: Tx, secretHash: string, lock: boolean) {
  const query = tx
    .select({ invitation: invitations, membership: memberships, account: accounts })
    .from(invitations)
    .innerJoin(memberships, eq(memberships.id, invitations.membershipId))
    .innerJoin(accounts, eq(accounts.id, memberships.accountId))
    .where(eq(invitations.secretHash, secretHash));
  const [row] = lock ? await query.for("update", { of: invitations }) : await query;
  return row ?? null;
}

/** Saves a new invitation. Earlier open ones of the same membership stop working. */
export async function replaceInvitation(tx: Tx, invitation: typeof invitations.$inferInsert): Promise<void> {
  await useInvitations(tx, invitation.membershipId, invitation.createdAt);
  await tx.insert(invitations).values(invitation);
}

/** Marks every open invitation of a membership as used. */
export async function useInvitations(tx: Tx, membershipId: string, at: Date): Promise<void> {
  await tx
    .update(invitations)
    .set({ usedAt: at })
    .where(and(eq(invitations.membershipId, membershipId), isNull(invitations.usedAt)));
}
