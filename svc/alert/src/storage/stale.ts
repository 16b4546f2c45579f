import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { isStaleAt } from "./alerts.ts";

/**
 * Open clinical alerts of which consoles were last told something else than is so now: that readings come, or that none has come for longer than
 * the rule's gap limit. Locked and marked as told; those that somebody changes right now are left for the next look. System context only.
 */
export async function markStale(tx: Tx, nowMs: number, most: number): Promise<string[]> {
  const rows = await tx.execute(sql`
    with due as (
      select a.id from alerts a where a.status in ('open', 'acked') and a.class = 'clinical' and a.stale_told <> (${isStaleAt(nowMs)})
      order by a.id limit ${most} for update of a skip locked
    ) update alerts a set stale_told = not a.stale_told from due where a.id = due.id returning a.id`);
  return rows.map((row) => String(row.id));
}
