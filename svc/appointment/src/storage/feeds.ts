import type { CalendarFeed } from "@episante/contracts/calendar-feed";
import { toInstant } from "@episante/contracts/time";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import { at, ms } from "./rows.ts";

/** A private calendar as stored. */
export interface FeedRow {
  readonly id: CalendarFeed["id"];
  readonly kind: CalendarFeed["kind"];
  readonly patientId: string | null;
  readonly doctorId: string | null;
  readonly details: boolean;
  readonly locale: CalendarFeed["locale"];
  readonly createdMs: number;
  readonly lastReadOn: string | null;
}

/** A private calendar as its owner sees it. */
export function toFeed(row: FeedRow): CalendarFeed {
  return {
    id: row.id,
    kind: row.kind,
    ...(row.doctorId ? { doctorId: row.doctorId as CalendarFeed["doctorId"] } : {}),
    details: row.details,
    locale: row.locale,
    createdAt: toInstant(row.createdMs),
    ...(row.lastReadOn ? { lastReadOn: row.lastReadOn as CalendarFeed["lastReadOn"] } : {}),
  };
}

/** Whose a token is: nothing for an unknown or revoked one. Needs no row-level context. */
export async function findFeedOwner(
  tx: Tx,
  tokenHash: string,
): Promise<{ id: string; patientId: string | null; clinicId: string | null } | null> {
  const [row] = await tx.execute(sql`select id, patient_id, clinic_id from owner_of_feed(${tokenHash})`);
  if (!row) return null;
  const text = (value: unknown) => (value === null ? null : String(value));
  return { id: String(row.id), patientId: text(row.patient_id), clinicId: text(row.clinic_id) };
}

async function select(tx: Tx, condition: SQL): Promise<FeedRow[]> {
  const rows = await tx.execute(sql`
    select id, kind, patient_id, doctor_id, details, locale, ${ms(sql`created_at`)} as created_ms, last_read_on::text as last_read_on
    from calendar_feeds where revoked_at is null and ${condition} order by id`);
  return rows.map((row) => ({
    id: String(row.id) as FeedRow["id"],
    kind: row.kind as FeedRow["kind"],
    patientId: row.patient_id === null ? null : String(row.patient_id),
    doctorId: row.doctor_id === null ? null : String(row.doctor_id),
    details: row.details === true,
    locale: row.locale as FeedRow["locale"],
    createdMs: Number(row.created_ms),
    lastReadOn: row.last_read_on === null ? null : String(row.last_read_on),
  }));
}

/** A live feed that the grant lets be seen, or null. */
export async function findFeed(tx: Tx, id: string): Promise<FeedRow | null> {
  return (await select(tx, sql`id = ${id}`))[0] ?? null;
}

/** Live feeds of an account, oldest first, as far as the grant lets them be seen. */
export function listFeedsOf(tx: Tx, accountId: string): Promise<FeedRow[]> {
  return select(tx, sql`account_id = ${accountId}`);
}

/** Stores a new feed. */
export async function addFeed(
  tx: Tx,
  feed: FeedRow & { readonly tokenHash: string; readonly accountId: string; readonly clinicId: string | null },
): Promise<void> {
  await tx.execute(sql`
    insert into calendar_feeds (id, token_hash, kind, account_id, patient_id, doctor_id, clinic_id, details, locale, created_at)
    values (${feed.id}, ${feed.tokenHash}, ${feed.kind}, ${feed.accountId}, ${feed.patientId}, ${feed.doctorId}, ${feed.clinicId},
            ${feed.details}, ${feed.locale}, ${at(feed.createdMs)})`);
}

/** Ends an account's feed. @returns false when it has no such live feed */
export async function endFeed(tx: Tx, id: string, accountId: string, nowMs: number): Promise<boolean> {
  const rows = await tx.execute(sql`
    update calendar_feeds set revoked_at = ${at(nowMs)} where id = ${id} and account_id = ${accountId} and revoked_at is null returning id`);
  return rows.length > 0;
}

/** Notes that a feed was read. @returns true for the first time on that day (UTC) */
export async function noteFeedRead(tx: Tx, id: string, nowMs: number): Promise<boolean> {
  const today = sql`(${at(nowMs)} at time zone 'UTC')::date`;
  const rows = await tx.execute(sql`
    update calendar_feeds set last_read_on = ${today} where id = ${id} and last_read_on is distinct from ${today} returning id`);
  return rows.length > 0;
}
