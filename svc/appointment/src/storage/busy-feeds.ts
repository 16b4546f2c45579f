import type { BusyFeedFault } from "@episante/contracts/busy-feed";
import type { Id } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import type { Interval } from "../domain/calendar.ts";
import { at, ms, texts } from "./rows.ts";

/** A calendar elsewhere, as stored. Instants in ms since the epoch. */
export interface BusyFeedRow {
  readonly id: Id<"bsy">;
  readonly clinicId: string;
  readonly doctorId: Id<"doc">;
  /** A secret of its owner. */
  readonly url: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly createdMs: number;
  readonly triedMs: number | null;
  readonly answeredMs: number | null;
  readonly readMs: number | null;
  readonly fault: BusyFeedFault | null;
  readonly blocks: readonly Interval[];
}

const select = sql`
  select f.id, f.clinic_id, f.doctor_id, f.url, f.etag, f.last_modified, f.fault, b.blocks, ${ms(sql`f.created_at`)} as created_ms,
    ${ms(sql`f.tried_at`)} as tried_ms, ${ms(sql`f.answered_at`)} as answered_ms, ${ms(sql`f.read_at`)} as read_ms
  from busy_feeds f left join busy_blocks b on b.feed_id = f.id`;

function fromRow(row: Record<string, unknown>): BusyFeedRow {
  const numberOrNull = (value: unknown) => (value === null ? null : Number(value));
  const textOrNull = (value: unknown) => (value === null ? null : String(value));
  return {
    id: String(row.id) as Id<"bsy">,
    clinicId: String(row.clinic_id),
    doctorId: String(row.doctor_id) as Id<"doc">,
    url: String(row.url),
    etag: textOrNull(row.etag),
    lastModified: textOrNull(row.last_modified),
    createdMs: Number(row.created_ms),
    triedMs: numberOrNull(row.tried_ms),
    answeredMs: numberOrNull(row.answered_ms),
    readMs: numberOrNull(row.read_ms),
    fault: row.fault as BusyFeedFault | null,
    blocks: ((row.blocks ?? []) as [number, number][]).map(([startMs, endMs]) => ({ startMs, endMs })),
  };
}

/** A doctor's calendars elsewhere, oldest first, as far as the grant lets them be seen. */
export async function listBusyFeeds(tx: Tx, doctorId: string): Promise<BusyFeedRow[]> {
  return (await tx.execute(sql`${select} where f.doctor_id = ${doctorId} order by f.id`)).map(fromRow);
}

/** One of them, or null. */
export async function findBusyFeed(tx: Tx, id: string): Promise<BusyFeedRow | null> {
  const [row] = await tx.execute(sql`${select} where f.id = ${id}`);
  return row ? fromRow(row) : null;
}

/** Calendars that are due to be read, the longest due first. Under a system grant. */
export async function listDueFeeds(tx: Tx, nowMs: number, limit: number): Promise<BusyFeedRow[]> {
  const due: SQL = sql`${select} where f.next_at <= ${at(nowMs)} order by f.next_at, f.id limit ${limit}`;
  return (await tx.execute(due)).map(fromRow);
}

/** Keeps a new calendar; it is due at once. */
export async function addBusyFeed(
  tx: Tx,
  feed: { id: string; clinicId: string; doctorId: string; url: string; accountId: string; nowMs: number },
): Promise<void> {
  await tx.execute(sql`
    insert into busy_feeds (id, clinic_id, doctor_id, url, created_at, created_by, next_at)
    values (${feed.id}, ${feed.clinicId}, ${feed.doctorId}, ${feed.url}, ${at(feed.nowMs)}, ${feed.accountId}, ${at(feed.nowMs)})`);
}

/** Forgets a calendar and frees its times. */
export async function removeBusyFeed(tx: Tx, id: string): Promise<void> {
  await tx.execute(sql`delete from busy_blocks where feed_id = ${id}`);
  await tx.execute(sql`delete from busy_feeds where id = ${id}`);
}

/** Keeps that a calendar could not be read, and why. What it gave before still counts. */
export async function noteFault(
  tx: Tx,
  id: string,
  fault: BusyFeedFault,
  { nowMs, nextMs }: { nowMs: number; nextMs: number },
): Promise<void> {
  await tx.execute(sql`update busy_feeds set fault = ${fault}, tried_at = ${at(nowMs)}, next_at = ${at(nextMs)} where id = ${id}`);
}

/** Keeps that a calendar answered that nothing changed. */
export async function noteUnchanged(tx: Tx, id: string, { nowMs, nextMs }: { nowMs: number; nextMs: number }): Promise<void> {
  await tx.execute(sql`
    update busy_feeds set fault = null, tried_at = ${at(nowMs)}, answered_at = ${at(nowMs)}, next_at = ${at(nextMs)} where id = ${id}`);
}

/**
 * Keeps what a calendar gave. Only times that differ move the doctor's facts on. Under the doctor's lock.
 * @returns whether they differ; false also when it was removed meanwhile
 */
export async function saveBlocks(
  tx: Tx,
  feed: Pick<BusyFeedRow, "id" | "doctorId" | "etag" | "lastModified"> & { blocks: readonly Interval[]; nowMs: number; nextMs: number },
): Promise<boolean> {
  const [kept] = await tx.execute(sql`
    update busy_feeds set etag = ${feed.etag}, last_modified = ${feed.lastModified}, fault = null, tried_at = ${at(feed.nowMs)},
      answered_at = ${at(feed.nowMs)}, read_at = ${at(feed.nowMs)}, next_at = ${at(feed.nextMs)}
    where id = ${feed.id} returning id`);
  if (!kept) return false;
  const blocks = JSON.stringify(feed.blocks.map(({ startMs, endMs }) => [startMs, endMs]));
  const changed = await tx.execute(sql`
    insert into busy_blocks (feed_id, doctor_id, blocks) values (${feed.id}, ${feed.doctorId}, ${blocks}::jsonb)
    on conflict (feed_id) do update set blocks = excluded.blocks where busy_blocks.blocks <> excluded.blocks returning feed_id`);
  return changed.length > 0;
}

/** When calendars elsewhere say that these doctors are busy, within a period. Times only: none of it is protected. */
export async function listBlocks(tx: Tx, doctorIds: readonly string[], period: Interval): Promise<(Interval & { doctorId: string })[]> {
  const rows = await tx.execute(sql`
    select b.doctor_id, (block ->> 0)::float8 as start_ms, (block ->> 1)::float8 as end_ms from busy_blocks b, jsonb_array_elements(b.blocks) block
    where b.doctor_id = any (${texts(doctorIds)}::text[]) and (block ->> 1)::float8 > ${period.startMs}::float8 and (block ->> 0)::float8 < ${period.endMs}::float8
    order by 1, 2`);
  return rows.map((row) => ({ doctorId: String(row.doctor_id), startMs: Number(row.start_ms), endMs: Number(row.end_ms) }));
}
