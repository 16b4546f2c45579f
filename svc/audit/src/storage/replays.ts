import type { Database, Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";

/** Notes a replay. False when the dead letter was replayed before. */
export async function insertReplay(tx: Tx, replay: { deadLetter: number; accountId: string; atMs: number }): Promise<boolean> {
  const rows = await tx.execute(sql`
    insert into replays (dead_letter, replayed_at, account_id) values (${replay.deadLetter}, ${new Date(replay.atMs).toISOString()}, ${replay.accountId})
    on conflict do nothing returning 1`);
  return rows.length > 0;
}

/** How many dead letters from a place of the stream on were replayed. */
export async function countReplaysFrom(db: Database, firstSeq: number): Promise<number> {
  const [row] = await db.drizzle.execute(sql`select count(*) as count from replays where dead_letter >= ${firstSeq}`);
  return Number(row?.count ?? 0);
}

/** When each of the given dead letters was replayed, ms. */
export async function listReplays(tx: Tx, deadLetters: readonly number[]): Promise<Map<number, number>> {
  const rows = await tx.execute(
    sql`select dead_letter, replayed_at from replays where dead_letter = any (${sql.param(deadLetters.map(String))}::bigint[])`,
  );
  return new Map(rows.map((row) => [Number(row.dead_letter), new Date(String(row.replayed_at)).getTime()]));
}
