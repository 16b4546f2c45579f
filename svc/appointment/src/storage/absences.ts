import type { Absence } from "@episante/contracts/absence";
import { toInstant } from "@episante/contracts/time";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { Interval } from "../domain/calendar.ts";
import { removeExpiredHolds } from "./busy.ts";
import { at, ms } from "./rows.ts";

/** A time at which a doctor is away. */
export interface AbsenceRow extends Interval {
  readonly id: Absence["id"];
  readonly doctorId: Absence["doctorId"];
  readonly note: string | null;
}

/** The absence as the API shows it. */
export function toAbsence({ id, doctorId, startMs, endMs, note }: AbsenceRow): Absence {
  return { id, doctorId, start: toInstant(startMs), end: toInstant(endMs), ...(note === null ? {} : { note }) };
}

const columns = sql`id, doctor_id, note, ${ms(sql`starts_at`)} as start_ms, ${ms(sql`ends_at`)} as end_ms`;

function fromRow(row: Record<string, unknown>): AbsenceRow {
  return {
    id: String(row.id) as AbsenceRow["id"],
    doctorId: String(row.doctor_id) as AbsenceRow["doctorId"],
    note: row.note === null ? null : String(row.note),
    startMs: Number(row.start_ms),
    endMs: Number(row.end_ms),
  };
}

/** Stores an absence. From then on judgements made before it are stale (the doctor's version moves on). */
export async function insertAbsence(tx: Tx, absence: AbsenceRow, by: { accountId: string; nowMs: number }): Promise<void> {
  await tx.execute(sql`
    insert into absences (id, doctor_id, starts_at, ends_at, note, created_at, created_by)
    values (${absence.id}, ${absence.doctorId}, ${at(absence.startMs)}, ${at(absence.endMs)}, ${absence.note}, ${at(by.nowMs)}, ${by.accountId})`);
}

/** An absence by id, or null. */
export async function findAbsence(tx: Tx, id: string): Promise<AbsenceRow | null> {
  const [row] = await tx.execute(sql`select ${columns} from absences where id = ${id}`);
  return row ? fromRow(row) : null;
}

/** A doctor's absences that touch a period, in order of start. */
export async function listAbsences(
  tx: Tx,
  { doctorId, fromMs, toMs, limit }: { doctorId: string; fromMs: number; toMs: number | undefined; limit: number },
): Promise<AbsenceRow[]> {
  const until = toMs === undefined ? sql`true` : sql`starts_at < ${at(toMs)}`;
  const rows = await tx.execute(sql`
    select ${columns} from absences where doctor_id = ${doctorId} and ends_at > ${at(fromMs)} and ${until}
    order by starts_at, id limit ${limit}`);
  return rows.map(fromRow);
}

/** Removes an absence. @returns false when there was none any more */
export async function deleteAbsence(tx: Tx, id: string): Promise<boolean> {
  return (await tx.execute(sql`delete from absences where id = ${id} returning id`)).length > 0;
}

/** Visits of a doctor that touch a period, are not over, and whose patient is not on the floor yet: ids in order of start. */
export async function listWaitingVisits(
  tx: Tx,
  { doctorId, startMs, endMs, nowMs, limit }: Interval & { doctorId: string; nowMs: number; limit: number },
): Promise<string[]> {
  const rows = await tx.execute(sql`
    select id from appointments where doctor_id = ${doctorId} and ends_at > ${at(Math.max(startMs, nowMs))} and starts_at < ${at(endMs)}
      and status in ('pending', 'booked') order by starts_at, id limit ${limit}`);
  return rows.map((row) => String(row.id));
}

/** Ends the holds of times that a period touches: a hold is confirmed as it was judged when it was taken. */
export async function endHoldsWithin(tx: Tx, period: Interval & { doctorId: string; nowMs: number }): Promise<void> {
  const { doctorId, startMs, endMs, nowMs } = period;
  const rows = await tx.execute(sql`
    update busy b set expires_at = ${at(nowMs)} from holds h
    where h.busy_id = b.id and h.doctor_id = ${doctorId} and h.starts_at < ${at(endMs)} and h.ends_at > ${at(startMs)}
      and b.state = 'hold' and b.expires_at > ${at(nowMs)}
    returning ${ms(sql`lower(b.during)`)} as start_ms, ${ms(sql`upper(b.during)`)} as end_ms`);
  for (const row of rows) await removeExpiredHolds(tx, { doctorId, nowMs, startMs: Number(row.start_ms), endMs: Number(row.end_ms) });
}
