import { type Database, grant } from "@episante/service/db";
import { sql } from "drizzle-orm";

/** A visit that changed: ids only. */
export interface Change {
  readonly id: string;
  /** The transaction that changed it last. */
  readonly xid: number;
}
/** What changed since a cursor, and the cursor to go on from. */
export interface Changes {
  /** Every transaction below it has ended: nothing older can appear any more. */
  readonly cursor: number;
  readonly changes: readonly Change[];
}

/**
 * Visits changed by transactions from `since` on, oldest change first; without `since` only where "now" is. A transaction that is still
 * running keeps the cursor below it, so that its change is not missed; what was committed beyond the cursor comes again with it.
 * Rows restored from a backup may carry ids of transactions to come: they wait until they are changed.
 */
export async function findChanges(db: Database, since: number | null, limit: number): Promise<Changes> {
  return db.transaction(grant.system("appointment.feed"), async (tx) => {
    const rows = await tx.execute(sql`
      with now as (select pg_current_snapshot() as at)
      select pg_snapshot_xmin(now.at)::text as cursor, a.id, a.changed_xid::text as xid
      from now left join lateral (
        select id, changed_xid from appointments
        where changed_xid >= ${String(since ?? 0)}::text::xid8 and changed_xid < pg_snapshot_xmax(now.at) and ${since !== null}::boolean
        order by changed_xid limit ${limit}
      ) a on true`);
    const changes = rows.filter((row) => row.id !== null).map((row) => ({ id: String(row.id), xid: Number(row.xid) }));
    return { cursor: Number(rows[0]?.cursor), changes };
  });
}
