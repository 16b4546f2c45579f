import type { invite as endpoint } from "@episante/contracts/auth";
import type { BodyOf, ResponseOf } from "@episante/contracts/endpoint";
import type { AccountId, ClinicId, DoctorId } from "@episante/contracts/ids";
import { type Refusal, refuse } from "@episante/contracts/problem";
import { clinicIdsOf } from "@episante/contracts/session";
import { defineAction } from "@episante/service/action";
import { grant, type Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import type { Emit } from "@episante/service/outbox";
import type { AuthDeps } from "../deps.ts";
import { invitationLifeMs } from "../domain/invitation.ts";
import { newSecret, sha256 } from "../secrets.ts";
import { findAccountByEmail, insertAccount } from "../storage/accounts.ts";
import { replaceInvitation } from "../storage/invitations.ts";
import { insertMembership, listMembershipsOf, type MembershipRow } from "../storage/memberships.ts";

type Input = BodyOf<typeof endpoint>;
type Invited = ResponseOf<typeof endpoint>;

/** Invites somebody to a clinic: for its admins. The secret is in this answer and nowhere else. */
export const inviteMember = defineAction<AuthDeps, Input, Invited>({
  name: "auth.invite",
  access: ({ actor, input }) => (clinicIdsOf(actor, "admin").includes(input.clinicId) ? grant.system("auth.invite") : refuse("not-found")),
  run: async ({ input, deps, tx, now, emit, audit }) => {
    const invited = await createInvitation(tx, deps, emit, input, now);
    if ("id" in invited) audit({ clinicIds: [input.clinicId], entity: { type: "membership", id: invited.id } });
    return invited;
  },
  settle: true,
});

/**
 * Makes the account, the membership and the invitation. An invitation never touches an account that has a password, or that another clinic
 * or role invited (`email-taken`): accepting it sets a password. Inviting the same person again replaces the secret.
 */
export async function createInvitation(tx: Tx, deps: AuthDeps, emit: Emit, input: Input, nowMs: number): Promise<Invited | Refusal> {
  const at = new Date(nowMs);
  const person = await findAccountByEmail(tx, input.email);
  const membership = person ? await reopen(tx, person.id, person.passwordHash !== null, input) : await enrol(tx, deps, input, nowMs);
  if (!membership) return refuse("email-taken");
  const secret = newSecret();
  const expiresAt = new Date(nowMs + invitationLifeMs);
  await replaceInvitation(tx, {
    id: newId("inv", nowMs),
    membershipId: membership.id,
    secretHash: sha256(secret),
    createdAt: at,
    expiresAt,
  });
  const facts = factsOf(membership);
  const { membershipId, ...shown } = facts;
  await emit("membership.changed", facts);
  const name = person ?? input;
  return {
    ...shown,
    id: membershipId,
    email: input.email,
    displayName: `${name.givenName} ${name.familyName}`,
    invitation: secret,
    expiresAt: expiresAt.toISOString(),
  };
}

/** The invited membership that a repeated invitation stands for. */
async function reopen(tx: Tx, accountId: string, hasPassword: boolean, input: Input): Promise<MembershipRow | null> {
  if (hasPassword) return null;
  const held = await listMembershipsOf(tx, accountId);
  return held.find((row) => row.status === "invited" && row.clinicId === input.clinicId && row.role === input.role) ?? null;
}

async function enrol(tx: Tx, deps: AuthDeps, input: Input, nowMs: number): Promise<MembershipRow | null> {
  const at = new Date(nowMs);
  const accountId = newId("acc", nowMs);
  const { email, givenName, familyName } = input;
  const account = { id: accountId, email, givenName, familyName, locale: input.locale ?? "fr", demo: deps.demo, createdAt: at };
  if (!(await insertAccount(tx, account))) return null;
  const membership: MembershipRow = {
    id: newId("mbr", nowMs),
    accountId,
    clinicId: input.clinicId,
    role: input.role,
    doctorId: input.role === "doctor" ? newId("doc", nowMs) : null,
    status: "invited",
    createdAt: at,
    changedAt: at,
  };
  await insertMembership(tx, membership);
  return membership;
}

/** A membership as its event tells it. */
export function factsOf(row: MembershipRow) {
  return {
    membershipId: row.id as `mbr_${string}`,
    accountId: row.accountId as AccountId,
    clinicId: row.clinicId as ClinicId,
    role: row.role,
    status: row.status,
    ...(row.doctorId ? { doctorId: row.doctorId as DoctorId } : {}),
  };
}
