import type { Tx } from "@episante/service/db";
import { and, desc, eq, gt, inArray, isNull } from "drizzle-orm";
import type { SessionFacts } from "../domain/session.ts";
import { listActiveMemberships } from "./memberships.ts";
import { accounts, sessions } from "./schema.ts";

/** Saves a new session. */
export async function insertSession(tx: Tx, session: typeof sessions.$inferInsert): Promise<void> {
  await tx.insert(sessions).values(session);
}

/** What a session's entry is made of, or null when it has ended, has expired or never was. @param now real time */
export async function findSessionFacts(tx: Tx, secretHash: string, now: Date): Promise<SessionFacts | null> {
  const [row] = await tx
    .select({ accountId: accounts.id, patientId: accounts.patientId, demo: accounts.demo, expiresAt: sessions.expiresAt })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.id, sessions.accountId))
    .where(and(eq(sessions.secretHash, secretHash), isOpen(now)));
  if (!row) return null;
  return { ...row, secretHash, expiresAtMs: row.expiresAt.getTime(), memberships: await listActiveMemberships(tx, row.accountId) };
}

/** Open sessions of an account, newest first. @param now real time */
export function listOpenSessions(tx: Tx, accountId: string, now: Date) {
  return tx
    .select()
    .from(sessions)
    .where(and(eq(sessions.accountId, accountId), isOpen(now)))
    .orderBy(desc(sessions.createdAt));
}

/** Hashes of every open session. @param now real time */
export async function listOpenSessionHashes(tx: Tx, now: Date): Promise<string[]> {
  const rows = await tx.select({ secretHash: sessions.secretHash }).from(sessions).where(isOpen(now));
  return rows.map((row) => row.secretHash);
}

/** Records that the session was used just now. @param now real time */
export async function touchSession(tx: Tx, secretHash: string, now: Date): Promise<void> {
  await tx.update(sessions).set({ lastSeenAt: now }).where(eq(sessions.secretHash, secretHash));
}

/** Ends open sessions by the hash of their secret. @param now real time */
export async function endSessions(tx: Tx, secretHashes: readonly string[], now: Date): Promise<void> {
  if (secretHashes.length === 0) return;
  await tx
    .update(sessions)
    .set({ endedAt: now })
    .where(and(inArray(sessions.secretHash, [...secretHashes]), isNull(sessions.endedAt)));
}

/** Ends one open session of an account; its hash, or null when the account has no such session. @param now real time */
export async function endOwnSession(tx: Tx, accountId: string, id: string, now: Date): Promise<string | null> {
  const [row] = await tx
    .update(sessions)
    .set({ endedAt: now })
    .where(and(eq(sessions.id, id), eq(sessions.accountId, accountId), isOpen(now)))
    .returning({ secretHash: sessions.secretHash });
  return row?.secretHash ?? null;
}

function isOpen(now: Date) {
  return and(isNull(sessions.endedAt), gt(sessions.expiresAt, now));
}
