import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { Interval } from "../domain/calendar.ts";
import { type Needs, takeResources } from "./resources.ts";
import { at, between, ms } from "./rows.ts";

/** Times of a doctor that nobody may take now. With an account, its own holds count as free. Reads holds under the transaction's grant. */
export async function listBusy(
  tx: Tx,
  query: { doctorId: string; fromMs: number; toMs: number; nowMs: number; freeForAccountId?: string; withHolds?: boolean },
): Promise<Interval[]> {
  const ownHold = query.freeForAccountId
    ? sql`and not exists (select 1 from holds h where h.busy_id = b.id and b.state = 'hold' and h.account_id = ${query.freeForAccountId})`
    : sql``;
  const states = query.withHolds === false ? sql`b.state <> 'hold'` : sql`(b.expires_at is null or b.expires_at > ${at(query.nowMs)})`;
  const rows = await tx.execute(sql`
    select ${ms(sql`lower(b.during)`)} as start_ms, ${ms(sql`upper(b.during)`)} as end_ms from busy b
    where b.doctor_id = ${query.doctorId} and b.lane = 0 and upper(b.during) > ${at(query.fromMs)} and lower(b.during) < ${at(query.toMs)}
      and b.state <> 'released' and ${states} ${ownHold}
    order by b.during`);
  return rows.map((row) => ({ startMs: Number(row.start_ms), endMs: Number(row.end_ms) }));
}

/** The doctor whose time a hold or appointment has, or null. */
export async function findDoctorOfHolder(tx: Tx, holder: string): Promise<{ doctorId: string; clinicId: string } | null> {
  const [row] = await tx.execute(
    sql`select d.doctor_id, d.clinic_id from busy b join doctors d using (doctor_id) where b.holder = ${holder}`,
  );
  return row ? { doctorId: String(row.doctor_id), clinicId: String(row.clinic_id) } : null;
}

/**
 * Takes a time, after removing expired holds in its way. Waits for a parallel transaction that wants the same time.
 * @param time `needs`: with one free room or device of each kind, under the clinic's lock (`lockResources`)
 * @returns the id of the taken row, or null when somebody else has (part of) the time; then the caller takes everything back
 */
export async function takeTime(
  tx: Tx,
  time: Interval & { doctorId: string; holder: string; nowMs: number; expiresMs?: number; needs?: Needs },
): Promise<string | null> {
  await removeExpiredHolds(tx, time);
  const during = between(time.startMs, time.endMs);
  const state = time.expiresMs === undefined ? "booked" : "hold";
  const expires = time.expiresMs === undefined ? sql`null` : at(time.expiresMs);
  const [row] = await tx.execute(sql`
    insert into busy (doctor_id, during, state, holder, expires_at) values (${time.doctorId}, ${during}, ${state}, ${time.holder}, ${expires})
    on conflict do nothing returning id`);
  if (!row) return null;
  const id = String(row.id);
  const isComplete = !time.needs?.types.length || (await takeResources(tx, id, time.needs, time.nowMs));
  return isComplete ? id : null;
}

/** Removes expired holds that are in the way of a time. */
export async function removeExpiredHolds(tx: Tx, time: Interval & { doctorId: string; nowMs: number }): Promise<void> {
  await tx.execute(sql`select remove_expired_holds(${time.doctorId}, ${between(time.startMs, time.endMs)}, ${at(time.nowMs)})`);
}

/** Frees the time of a cancelled appointment; the row stays. */
export async function freeTime(tx: Tx, appointmentId: string): Promise<void> {
  await tx.execute(sql`update busy set state = 'released' where holder = ${appointmentId} and state in ('pending', 'booked', 'arrived')`);
}
