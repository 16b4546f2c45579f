import type { Tx } from "@episante/service/db";
import { and, asc, eq, inArray } from "drizzle-orm";
import { accounts, clinics, memberships } from "./schema.ts";

export type MembershipRow = typeof memberships.$inferSelect;

/** Active memberships of an account with the clinic's name and zone. */
export async function listActiveMemberships(tx: Tx, accountId: string) {
  return tx
    .select({
      clinicId: memberships.clinicId,
      role: memberships.role,
      doctorId: memberships.doctorId,
      clinicName: clinics.name,
      zone: clinics.zone,
    })
    .from(memberships)
    .innerJoin(clinics, eq(clinics.id, memberships.clinicId))
    .where(and(eq(memberships.accountId, accountId), eq(memberships.status, "active")))
    .orderBy(asc(memberships.id));
}

/** Memberships of the clinics with the person's name and address. @param statuses which ones */
export async function listClinicMembers(tx: Tx, clinicIds: readonly string[], statuses: readonly MembershipRow["status"][]) {
  return tx
    .select({
      id: memberships.id,
      accountId: memberships.accountId,
      clinicId: memberships.clinicId,
      role: memberships.role,
      doctorId: memberships.doctorId,
      status: memberships.status,
      email: accounts.email,
      givenName: accounts.givenName,
      familyName: accounts.familyName,
    })
    .from(memberships)
    .innerJoin(accounts, eq(accounts.id, memberships.accountId))
    .where(and(inArray(memberships.clinicId, [...clinicIds]), inArray(memberships.status, [...statuses])))
    .orderBy(asc(memberships.id));
}

/** The membership with this id. */
export async function findMembership(tx: Tx, id: string): Promise<MembershipRow | null> {
  const [row] = await tx.select().from(memberships).where(eq(memberships.id, id));
  return row ?? null;
}

/** Every membership of an account, whatever its status. */
export function listMembershipsOf(tx: Tx, accountId: string): Promise<MembershipRow[]> {
  return tx.select().from(memberships).where(eq(memberships.accountId, accountId)).orderBy(asc(memberships.id));
}

/** Saves a new membership. */
export async function insertMembership(tx: Tx, membership: MembershipRow): Promise<void> {
  await tx.insert(memberships).values(membership);
}

/** Moves a membership from one of the given states; null when it is in another one by now. */
export async function moveMembership(
  tx: Tx,
  id: string,
  from: readonly MembershipRow["status"][],
  to: MembershipRow["status"],
  at: Date,
): Promise<MembershipRow | null> {
  const [row] = await tx
    .update(memberships)
    .set({ status: to, changedAt: at })
    .where(and(eq(memberships.id, id), inArray(memberships.status, [...from])))
    .returning();
  return row ?? null;
}
