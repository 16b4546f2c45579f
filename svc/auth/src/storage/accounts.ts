import type { Tx } from "@episante/service/db";
import { eq, sql } from "drizzle-orm";
import { accounts, type Preferences } from "./schema.ts";

export type AccountRow = typeof accounts.$inferSelect;
export type NewAccount = typeof accounts.$inferInsert;

/** The account with this (lower-case) e-mail. */
export async function findAccountByEmail(tx: Tx, email: string): Promise<AccountRow | null> {
  const [row] = await tx.select().from(accounts).where(eq(accounts.email, email));
  return row ?? null;
}

/** The account with this id. */
export async function findAccount(tx: Tx, id: string): Promise<AccountRow | null> {
  const [row] = await tx.select().from(accounts).where(eq(accounts.id, id));
  return row ?? null;
}

/** Saves a new account; false when its e-mail is taken, also by a transaction that commits meanwhile. */
export async function insertAccount(tx: Tx, account: NewAccount): Promise<boolean> {
  const saved = await tx.insert(accounts).values(account).onConflictDoNothing({ target: accounts.email }).returning({ id: accounts.id });
  return saved.length > 0;
}

/** Sets the first password of an invited account; false when it has one already. */
export async function setFirstPassword(tx: Tx, id: string, passwordHash: string): Promise<boolean> {
  const changed = await tx
    .update(accounts)
    .set({ passwordHash })
    .where(sql`${accounts.id} = ${id} and ${accounts.passwordHash} is null`)
    .returning({ id: accounts.id });
  return changed.length > 0;
}

/** Replaces the display preferences. */
export async function savePreferences(tx: Tx, id: string, preferences: Preferences): Promise<void> {
  await tx.update(accounts).set({ preferences }).where(eq(accounts.id, id));
}
