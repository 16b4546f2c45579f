import type { Database } from "@episante/service/db";
import { leaseSeconds } from "@episante/service/reader";
import { sql } from "drizzle-orm";

/** Where the feed is, and how long ago the engine's slowest partition last turned. Needs no row-level-security context. */
export interface FeedPosition {
  readonly cursor: number;
  readonly owned: number;
  /** Milliseconds since the partition that turned longest ago renewed its lease. */
  readonly ageMs: number;
}

/** Leases last this long from each turn of a reader's loop, so that their ends tell when they turned, on whichever instance. */
const leaseMs = leaseSeconds * 1000;

export async function readFeedPosition(db: Database, readerName: string): Promise<FeedPosition> {
  const [row] = await db.drizzle.execute(sql`
    select (select value from alert_cursor) as cursor, count(*) as owned,
      coalesce(${leaseMs} - extract(epoch from min(expires_at) - clock_timestamp()) * 1000, 1e9)::float8 as age_ms
    from reader_leases where reader = ${readerName}`);
  return { cursor: Number(row?.cursor ?? 0), owned: Number(row?.owned ?? 0), ageMs: Math.max(0, Number(row?.age_ms ?? 1e9)) };
}
