import type { Database, Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";

export interface CheckResult {
  readonly check: string;
  readonly day: string;
  readonly offending: number;
}

/** Keeps the latest result of each check for each day. */
export async function saveQuality(tx: Tx, runId: string, results: readonly CheckResult[], atMs: number): Promise<void> {
  if (results.length === 0) return;
  await tx.execute(sql`
    insert into quality (check_name, day, offending, run_id, at)
    select x."check", x.day, x.offending, ${runId}, ${new Date(atMs).toISOString()}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(results)}::text::jsonb) as x("check" text, day date, offending bigint)
    on conflict (check_name, day) do update set offending = excluded.offending, run_id = excluded.run_id, at = excluded.at`);
}

/** Results of the checks, last run first, offences first within it. */
export async function listQuality(db: Database, limit: number): Promise<(CheckResult & { atMs: number })[]> {
  const rows = await db.drizzle.execute(sql`
    select check_name, day::text as day, offending, at from quality order by at desc, (offending > 0) desc, day desc, check_name limit ${limit}`);
  return rows.map((row) => ({
    check: String(row.check_name),
    day: String(row.day),
    offending: Number(row.offending),
    atMs: new Date(String(row.at)).getTime(),
  }));
}
