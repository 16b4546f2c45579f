import type { EventData } from "@episante/contracts/events";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";

const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;

/** Works the stored next opening of reasons out again, then that of their doctors: not passed, `infinity` without one. */
async function settleNext(tx: Tx, nowMs: number, which: { reasons: SQL; doctors: SQL }): Promise<void> {
  await tx.execute(sql`
    update reasons r set next_at = coalesce((
      select min(o.starts_at) from openings o where o.reason_id = r.id and o.starts_at > ${at(nowMs)}), 'infinity')
    where ${which.reasons}`);
  await tx.execute(sql`
    update doctors d set next_at = coalesce((
      select min(r.next_at) from reasons r where r.doctor_id = d.doctor_id and r.retired_at is null and r.is_online), 'infinity')
    where ${which.doctors}`);
}

/** After a change of the doctor's reasons or openings. */
export function settleNextOf(tx: Tx, doctorId: string, nowMs: number): Promise<void> {
  return settleNext(tx, nowMs, { reasons: sql`r.doctor_id = ${doctorId}`, doctors: sql`d.doctor_id = ${doctorId}` });
}

/** Moves every reason and doctor on whose next opening has passed. */
export function settlePassed(tx: Tx, nowMs: number): Promise<void> {
  return settleNext(tx, nowMs, { reasons: sql`r.next_at <= ${at(nowMs)}`, doctors: sql`d.next_at <= ${at(nowMs)}` });
}

/** Applies `appointment.openings-changed`: replaces the doctor's openings, unless newer ones were heard already. */
export async function saveOpenings(
  tx: Tx,
  data: EventData<"appointment.openings-changed">,
  changedAt: string,
  nowMs: number,
): Promise<void> {
  const newer = await tx.execute(sql`
    insert into openings_heard (doctor_id, changed_at) values (${data.doctorId}, ${changedAt}::timestamptz)
    on conflict (doctor_id) do update set changed_at = excluded.changed_at where openings_heard.changed_at <= excluded.changed_at returning doctor_id`);
  if (newer.length === 0) return;
  await tx.execute(sql`delete from openings where doctor_id = ${data.doctorId}`);
  await tx.execute(sql`
    insert into openings (doctor_id, starts_at, reason_id)
    select ${data.doctorId}, start::timestamptz, e."reasonId"
    from jsonb_to_recordset(${JSON.stringify(data.openings)}::jsonb) as e ("reasonId" text, starts jsonb)
    cross join lateral jsonb_array_elements_text(e.starts) as s (start)
    on conflict do nothing`);
  await settleNextOf(tx, data.doctorId, nowMs);
}
