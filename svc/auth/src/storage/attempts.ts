import type { Tx } from "@episante/service/db";
import { and, desc, eq, lt, sql } from "drizzle-orm";
import { attempts } from "./schema.ts";

export type AttemptKind = (typeof attempts.$inferSelect)["kind"];
export interface AttemptKeys {
  readonly kind: AttemptKind;
  readonly accountKey: string;
  readonly ipKey: string;
}

/** One transaction at a time counts the attempts of an address, so that a burst cannot slip past the limit together. */
export async function lockAddress(tx: Tx, keys: AttemptKeys): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`attempts.${keys.kind}.${keys.ipKey}`}, 0))`);
}

/** Instants (ms) of the newest attempts that did not succeed, of this address, or of this address on this account. Unfinished ones count. */
export async function listRefusedAttempts(tx: Tx, keys: AttemptKeys, scope: "ip" | "pair", atMost: number): Promise<number[]> {
  const rows = await tx
    .select({ at: attempts.at })
    .from(attempts)
    .where(
      and(
        eq(attempts.kind, keys.kind),
        eq(attempts.ipKey, keys.ipKey),
        eq(attempts.succeeded, false),
        scope === "pair" ? eq(attempts.accountKey, keys.accountKey) : undefined,
      ),
    )
    .orderBy(desc(attempts.at))
    .limit(atMost);
  return rows.map((row) => row.at.getTime());
}

/** Records an attempt as refused until `markSucceeded` says otherwise. @param at real time */
export async function insertAttempt(tx: Tx, keys: AttemptKeys, at: Date): Promise<number> {
  const [row] = await tx
    .insert(attempts)
    .values({ ...keys, at })
    .returning({ id: attempts.id });
  if (!row) throw new Error("an attempt was not saved");
  return row.id;
}

/** Takes an attempt out of the count. */
export async function markSucceeded(tx: Tx, id: number): Promise<void> {
  await tx.update(attempts).set({ succeeded: true }).where(eq(attempts.id, id));
}

/** Deletes attempts older than the given real time. */
export async function deleteAttemptsBefore(tx: Tx, before: Date): Promise<void> {
  await tx.delete(attempts).where(lt(attempts.at, before));
}
