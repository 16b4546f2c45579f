import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { instantOf, msOf } from "./rows.ts";

/** Readings of one device and boot in a range of the log. */
export interface LandedCount {
  readonly deviceId: string;
  readonly boot: string;
  readonly readings: number;
}
/** A range of a partition of the log that bronze holds, by its own account. */
export interface LandedRange {
  readonly partition: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly counts: readonly LandedCount[];
}

/** Keeps what the pipeline told about a range. Told again, or late, it changes nothing. */
export async function writeLanded(tx: Tx, range: LandedRange, landedAtMs: number): Promise<void> {
  await tx.execute(sql`
    insert into landed_ranges (partition, first_seq, last_seq, counts, landed_at)
    values (${range.partition}, ${range.firstSeq}, ${range.lastSeq}, ${JSON.stringify(range.counts)}::text::jsonb, ${instantOf(landedAtMs)}) on conflict do nothing`);
  await tx.execute(sql`
    insert into landed (partition, checkpoint) values (${range.partition}, ${range.lastSeq})
    on conflict (partition) do update set checkpoint = greatest(landed.checkpoint, excluded.checkpoint)`);
}

/** Ranges after where a partition was compared, oldest first, that the reader `store` has passed too. */
export async function listRangesToCompare(tx: Tx, { isWhole }: { isWhole: boolean }): Promise<LandedRange[]> {
  const rows = await tx.execute(sql`
    select r.partition, r.first_seq, r.last_seq, r.counts from landed_ranges r
    join reader_leases l on l.reader = 'store' and l.partition = r.partition and l.checkpoint >= r.last_seq
    left join reconciled c on c.partition = r.partition
    where ${isWhole} or r.last_seq > coalesce(c.checkpoint, 0) order by r.partition, r.first_seq`);
  return rows.map((row) => ({
    partition: Number(row.partition),
    firstSeq: Number(row.first_seq),
    lastSeq: Number(row.last_seq),
    counts: row.counts as LandedCount[],
  }));
}

/** Forgets ranges whose messages the log holds no more. */
export async function deleteRangesBefore(tx: Tx, firstSeq: number): Promise<void> {
  await tx.execute(sql`delete from landed_ranges where last_seq < ${firstSeq}`);
}

/** Keeps the reader of a partition from writing until the end of the transaction: its own begins by moving this row. */
export async function lockStore(tx: Tx, partition: number): Promise<void> {
  await tx.execute(sql`select 1 from reader_leases where reader = 'store' and partition = ${partition} for update`);
}

/** Records that a range was compared, with those of whom bronze has fewer readings than the log had; who is right again is struck off. */
export async function writeCompared(
  tx: Tx,
  range: LandedRange,
  short: readonly (LandedCount & { readonly expected: number })[],
  nowMs: number,
): Promise<void> {
  await tx.execute(sql`
    insert into reconciled (partition, checkpoint) values (${range.partition}, ${range.lastSeq})
    on conflict (partition) do update set checkpoint = greatest(reconciled.checkpoint, excluded.checkpoint)`);
  await tx.execute(
    sql`delete from reading_findings where kind = 'bronze' and first_seq = ${range.firstSeq} and last_seq = ${range.lastSeq}`,
  );
  for (const { deviceId, boot, expected, readings } of short) {
    await tx.execute(sql`
      insert into reading_findings (kind, device_id, boot, first_seq, last_seq, expected, found, found_at)
      values ('bronze', ${deviceId}, ${boot}, ${range.firstSeq}, ${range.lastSeq}, ${expected}, ${readings}, ${instantOf(nowMs)})
      on conflict do nothing`);
  }
}

/**
 * Finds anew which batches are missing between others that the store saw; what is closed meanwhile goes, the rest keeps its date. What comes before
 * the first batch of a boot is no gap: a device need not begin at 0. Marks live seven days after the last batch of a boot.
 */
export async function refreshGaps(tx: Tx, nowMs: number): Promise<void> {
  await tx.execute(sql`
    with gaps as (
      select m.device_id, m.boot, lower(gap) as first_seq, upper(gap) - 1 as last_seq
      from reader_marks m
      -- A number below 0 is the end of the range that the one before it begins (pkg/service, sequences.ts).
      cross join lateral (
        select max(abs(seq)) as last, min(seq) filter (where seq >= 0) as first,
          range_agg(case when seq < 0 then int8range(start, 1 - seq) else int8range(seq, seq + 1) end) as seen
        from (select seq, lag(seq) over (order by nth) as start from unnest(m.above) with ordinality as one (seq, nth)) numbered) a
      cross join lateral unnest(int8multirange(int8range(case when m.low < 0 then a.first else m.low + 1 end, a.last)) - a.seen) gap
      where m.reader = 'store' and cardinality(m.above) > 0
    ), closed as (
      delete from reading_findings f where f.kind = 'sequence' and not exists (
        select 1 from gaps g where g.device_id = f.device_id and g.boot = f.boot and g.first_seq = f.first_seq and g.last_seq = f.last_seq)
    )
    insert into reading_findings (kind, device_id, boot, first_seq, last_seq, expected, found, found_at)
    select 'sequence', device_id, boot, first_seq, last_seq, last_seq - first_seq + 1, 0, ${instantOf(nowMs)} from gaps
    on conflict (kind, device_id, boot, first_seq) do update set last_seq = excluded.last_seq, expected = excluded.expected`);
}

/** The last pass, and what it was asked to be next. */
export interface ReconciliationRow {
  readonly dueAtMs: number;
  readonly isWhole: boolean;
  readonly finishedAtMs: number | null;
  readonly messages: number;
  readonly readings: number;
  readonly repaired: number;
}

export async function findReconciliation(tx: Tx): Promise<ReconciliationRow> {
  const [row] = await tx.execute(sql`
    select greatest(${msOf("due_at")}, 0) as due_ms, is_whole, ${msOf("finished_at")} as finished_ms, messages, readings, repaired from reconciliation`);
  return {
    dueAtMs: Number(row?.due_ms ?? 0),
    isWhole: row?.is_whole === true,
    finishedAtMs: row?.finished_ms === null || row?.finished_ms === undefined ? null : Number(row.finished_ms),
    messages: Number(row?.messages ?? 0),
    readings: Number(row?.readings ?? 0),
    repaired: Number(row?.repaired ?? 0),
  };
}

/** Orders a pass over all that the log still holds, as soon as the job looks. */
export async function orderWholePass(tx: Tx, nowMs: number): Promise<void> {
  await tx.execute(sql`update reconciliation set due_at = ${instantOf(nowMs)}, is_whole = true`);
}

/** Records a pass that ended. An order that came meanwhile stands. */
export async function finishPass(
  tx: Tx,
  begun: ReconciliationRow,
  done: Pick<ReconciliationRow, "messages" | "readings" | "repaired">,
  { nowMs, nextMs }: { nowMs: number; nextMs: number },
): Promise<void> {
  const isAsBegun = sql`greatest(${msOf("due_at")}, 0) = ${begun.dueAtMs}`;
  await tx.execute(sql`
    update reconciliation set finished_at = ${instantOf(nowMs)}, messages = ${done.messages}, readings = ${done.readings}, repaired = ${done.repaired},
      is_whole = is_whole and not (${isAsBegun}), due_at = case when ${isAsBegun} then ${instantOf(nextMs)} else due_at end`);
}

export interface Finding {
  readonly kind: "bronze" | "sequence";
  readonly deviceId: `dev_${string}`;
  readonly boot: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly missing: number;
  readonly foundAtMs: number;
}

/** What is missing for good, the longest known first. */
export async function listFindings(tx: Tx, limit: number): Promise<Finding[]> {
  const rows = await tx.execute(sql`
    select kind, device_id, boot, first_seq, last_seq, expected - found as missing, ${msOf("found_at")} as found_ms
    from reading_findings order by found_at, kind, device_id, boot, first_seq limit ${limit}`);
  return rows.map((row) => ({
    kind: row.kind as Finding["kind"],
    deviceId: row.device_id as Finding["deviceId"],
    boot: String(row.boot),
    firstSeq: Number(row.first_seq),
    lastSeq: Number(row.last_seq),
    missing: Number(row.missing),
    foundAtMs: Number(row.found_ms),
  }));
}

/** Readings that bronze lacks, and batches nobody saw that have been missing since before an instant. */
export async function countMissing(tx: Tx, gapsSinceMs: number): Promise<{ bronze: number; sequence: number }> {
  const [row] = await tx.execute(sql`
    select coalesce(sum(expected - found) filter (where kind = 'bronze'), 0) as bronze,
      coalesce(sum(expected - found) filter (where kind = 'sequence' and found_at <= ${instantOf(gapsSinceMs)}), 0) as sequence from reading_findings`);
  return { bronze: Number(row?.bronze ?? 0), sequence: Number(row?.sequence ?? 0) };
}
