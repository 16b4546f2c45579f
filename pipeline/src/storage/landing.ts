import type { Database, Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { LandedStream } from "../domain/bronze.ts";

/** One stream, or one partition of READINGS, as it is landed. */
export interface Lane {
  readonly stream: LandedStream;
  readonly partition: number;
}

/** A bronze object as registered. */
export interface BronzeObject {
  readonly key: string;
  readonly day: string;
  readonly rows: number;
  readonly sha256: string;
}

/** Where a lane stands: everything up to `checkpoint` is landed; `intended` is the end of an object that may have been written. */
export async function getLanding(db: Database, lane: Lane): Promise<{ checkpoint: number; intended: number | null }> {
  await db.drizzle.execute(sql`insert into landing (stream, partition) values (${lane.stream}, ${lane.partition}) on conflict do nothing`);
  const [row] = await db.drizzle.execute(
    sql`select checkpoint, intended from landing where stream = ${lane.stream} and partition = ${lane.partition}`,
  );
  return { checkpoint: Number(row?.checkpoint ?? 0), intended: row?.intended === null ? null : Number(row?.intended) };
}

/** Fixes the end of the next object before it is written. False when another process moved the lane meanwhile. */
export async function intend(db: Database, lane: Lane, checkpoint: number, lastSeq: number): Promise<boolean> {
  const rows = await db.drizzle.execute(sql`
    update landing set intended = ${lastSeq}
    where stream = ${lane.stream} and partition = ${lane.partition} and checkpoint = ${checkpoint} and (intended is null or intended = ${lastSeq})
    returning 1`);
  return rows.length > 0;
}

/**
 * Registers the durable objects of a range, the zones learned in it, and moves the checkpoint: one transaction, so a range counts
 * once whoever wrote its objects. `tell` is part of it. False when another process already did.
 */
export async function recordLanded(
  db: Database,
  lane: Lane,
  range: { checkpoint: number; lastSeq: number; arrivedOn: string; landedAtMs: number },
  objects: readonly BronzeObject[],
  zones: ReadonlyMap<string, { zone: string; seq: number }>,
  tell: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  return db.drizzle.transaction(async (tx) => {
    const moved = await tx.execute(sql`
      update landing set checkpoint = ${range.lastSeq}, intended = null
      where stream = ${lane.stream} and partition = ${lane.partition} and checkpoint = ${range.checkpoint} and intended = ${range.lastSeq}
      returning 1`);
    if (moved.length === 0) return false;
    const landedAt = new Date(range.landedAtMs).toISOString();
    for (const object of objects) {
      await tx.execute(sql`
        insert into bronze_objects (key, stream, partition, day, arrived_on, first_seq, last_seq, rows, sha256, landed_at)
        values (${object.key}, ${lane.stream}, ${lane.partition}, ${object.day}, ${range.arrivedOn}, ${range.checkpoint + 1}, ${range.lastSeq},
          ${object.rows}, ${object.sha256}, ${landedAt})
        on conflict (key) do update set rows = excluded.rows, sha256 = excluded.sha256`);
    }
    for (const [clinicId, { zone, seq }] of zones) {
      await tx.execute(sql`
        insert into clinic_zones (clinic_id, zone, seq) values (${clinicId}, ${zone}, ${seq})
        on conflict (clinic_id) do update set zone = excluded.zone, seq = excluded.seq where clinic_zones.seq < excluded.seq`);
    }
    await tell(tx);
    return true;
  });
}

/** True once anything was landed. */
export async function hasBronze(db: Database): Promise<boolean> {
  const [row] = await db.drizzle.execute(sql`select exists (select 1 from bronze_objects) as some`);
  return row?.some === true;
}

/** Zone of every clinic that said its own. */
export async function listZones(db: Database): Promise<Map<string, string>> {
  const rows = await db.drizzle.execute(sql`select clinic_id, zone from clinic_zones`);
  return new Map(rows.map((row) => [String(row.clinic_id), String(row.zone)]));
}

/** Bronze of a day: object key → content hash, and the rows in them. */
export async function listBronzeOf(
  db: Database,
  day: string,
): Promise<{ stream: LandedStream; key: string; sha256: string; rows: number }[]> {
  const rows = await db.drizzle.execute(
    sql`select stream, key, sha256, rows from bronze_objects where day = ${day} order by key collate "C"`,
  );
  return rows.map((row) => ({
    stream: row.stream as LandedStream,
    key: String(row.key),
    sha256: String(row.sha256),
    rows: Number(row.rows),
  }));
}

/** Days that facts which arrived on a day are about. */
export async function listDaysArrivedOn(db: Database, day: string): Promise<string[]> {
  const rows = await db.drizzle.execute(sql`select distinct day::text as day from bronze_objects where arrived_on = ${day} order by 1`);
  return rows.map((row) => String(row.day));
}

/** MD5 (hex) of each day's bronze, comparable with what the day's gold was built from, for days where the two differ. */
export async function listDueDays(db: Database, sqlHash: string): Promise<string[]> {
  const rows = await db.drizzle.execute(sql`
    select o.day::text as day
    from (select day, md5(string_agg(key || ' ' || sha256, E'\n' order by key collate "C")) as inputs from bronze_objects group by day) o
    left join built_days b on b.day = o.day
    where b.inputs is distinct from o.inputs || ':' || ${sqlHash}::text
    order by 1`);
  return rows.map((row) => String(row.day));
}
