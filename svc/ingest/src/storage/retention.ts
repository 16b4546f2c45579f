import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { RetentionClass, StoredDay } from "../domain/retention.ts";
import { instantOf, msOf, texts } from "./rows.ts";

/** Records that a partition of the log wrote to these UTC days, up to a message of it. */
export async function writeDays(tx: Tx, days: readonly string[], partition: number, lastSeq: number, nowMs: number): Promise<void> {
  await tx.execute(sql`
    insert into reading_days as known (day, partition, last_seq, stored_at)
    select day, ${partition}, ${lastSeq}, ${instantOf(nowMs)} from unnest(${texts(days)}::date[]) day
    on conflict (day, partition) do update set last_seq = greatest(known.last_seq, excluded.last_seq), stored_at = greatest(known.stored_at, excluded.stored_at)`);
}

/** `day class` of each of these days that has lost a class. */
export async function listThinned(tx: Tx, days: readonly string[]): Promise<Set<string>> {
  const rows = await tx.execute(sql`select day::text as day, class from thinned_days where day = any(${texts(days)}::date[])`);
  return new Set(rows.map((row) => `${row.day} ${row.class}`));
}

/** Days with readings, the oldest first, with what tells whether they may be thinned out. */
export async function listStoredDays(
  tx: Tx,
): Promise<(StoredDay & { readonly isLanded: boolean; readonly thinned: ReadonlySet<string> })[]> {
  const rows = await tx.execute(sql`
    select d.day::text as day, ${msOf("max(d.stored_at)")} as stored_ms, bool_and(d.last_seq <= coalesce(l.checkpoint, -1)) as is_landed,
      (select coalesce(array_to_json(array_agg(t.class)), '[]') from thinned_days t where t.day = d.day and t.thinned_at > max(d.stored_at)) as thinned
    from reading_days d left join landed l on l.partition = d.partition group by d.day order by d.day`);
  return rows.map((row) => ({
    day: String(row.day),
    storedAtMs: Number(row.stored_ms),
    isLanded: row.is_landed === true,
    thinned: new Set(row.thinned as string[]),
  }));
}

/** True while bronze is known to lack readings. */
export async function isBronzeShort(tx: Tx): Promise<boolean> {
  return (await tx.execute(sql`select 1 from reading_findings where kind = 'bronze' limit 1`)).length > 0;
}

/** Deletes a day's readings of these signals. Returns how many. */
export async function deleteReadings(tx: Tx, day: string, signals: readonly string[]): Promise<number> {
  const [row] = await tx.execute(sql`select thin_reading_day(${day}::date, ${texts(signals)}) as n`);
  return Number(row?.n ?? 0);
}

/** Deletes a day's roll-ups of one step (seconds). Returns how many. */
export async function deleteRollups(tx: Tx, day: string, step: 60 | 3600): Promise<number> {
  const [row] = await tx.execute(sql`
    with gone as (
      delete from rollups where step = ${step}::smallint and at >= ${day}::date::timestamp at time zone 'UTC' and at < (${day}::date + 1)::timestamp at time zone 'UTC' returning 1
    ) select count(*) as n from gone`);
  return Number(row?.n ?? 0);
}

/** Remembers that a day has lost a class. */
export async function writeThinned(tx: Tx, day: string, of: RetentionClass, nowMs: number): Promise<void> {
  await tx.execute(sql`
    insert into thinned_days (day, class, thinned_at) values (${day}::date, ${of}, ${instantOf(nowMs)})
    on conflict (day, class) do update set thinned_at = excluded.thinned_at`);
}
