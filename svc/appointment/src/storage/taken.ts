import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { Interval } from "../domain/calendar.ts";
import type { Taken } from "../domain/rules.ts";
import { at, between, ms } from "./rows.ts";

/** Taken times of a doctor with the visit or hold that has each. What the grant does not let be seen is a taken time without a visit. */
export async function listTaken(tx: Tx, query: Interval & { doctorId: string; nowMs: number }): Promise<Taken[]> {
  const rows = await tx.execute(sql`
    select ${ms(sql`lower(b.during)`)} as start_ms, ${ms(sql`upper(b.during)`)} as end_ms, b.state = 'hold' as is_hold, a.id,
      ${ms(sql`coalesce(a.starts_at, h.starts_at)`)} as visit_start_ms, ${ms(sql`coalesce(a.ends_at, h.ends_at)`)} as visit_end_ms
    from busy b left join appointments a on a.busy_id = b.id left join holds h on h.busy_id = b.id and b.state = 'hold'
    where b.doctor_id = ${query.doctorId} and b.lane = 0 and b.during && ${between(query.startMs, query.endMs)}
      and b.state <> 'released' and (b.expires_at is null or b.expires_at > ${at(query.nowMs)})
    order by b.during`);
  return rows.map((row) => ({
    startMs: Number(row.start_ms),
    endMs: Number(row.end_ms),
    isHold: row.is_hold === true,
    ...(row.id === null ? {} : { appointmentId: String(row.id) }),
    ...(row.visit_start_ms === null ? {} : { visit: { startMs: Number(row.visit_start_ms), endMs: Number(row.visit_end_ms) } }),
  }));
}

/** A visit to come, as far as hours are compared with it. */
export interface ComingVisit extends Interval {
  readonly id: string;
  readonly patientId: string;
  readonly reasonId: string;
}

/** Visits of a doctor that have not begun and will take place, in order. */
export async function listComingVisits(tx: Tx, doctorId: string, nowMs: number): Promise<ComingVisit[]> {
  const rows = await tx.execute(sql`
    select id, patient_id, reason_id, ${ms(sql`starts_at`)} as start_ms, ${ms(sql`ends_at`)} as end_ms from appointments
    where doctor_id = ${doctorId} and starts_at > ${at(nowMs)} and status in ('pending', 'booked') order by starts_at, id`);
  return rows.map((row) => ({
    id: String(row.id),
    patientId: String(row.patient_id),
    reasonId: String(row.reason_id),
    startMs: Number(row.start_ms),
    endMs: Number(row.end_ms),
  }));
}

/**
 * Starts that count towards a reason's daily cap between two instants: visits that take place, and times held by others.
 * @param own whose own holds do not count, and the time by which holds are over; without it no hold counts
 */
export async function listCappedStarts(
  tx: Tx,
  query: Interval & { doctorId: string; reasonId: string; own?: { accountId: string; nowMs: number } },
): Promise<number[]> {
  const { doctorId, reasonId, own = { accountId: "", nowMs: Number.POSITIVE_INFINITY } } = query;
  const rows = await tx.execute(sql`
    select ${ms(sql`s`)} as start_ms
    from capped_starts(${doctorId}, ${reasonId}, ${at(query.startMs)}, ${at(query.endMs)}, ${own.accountId}, ${at(own.nowMs)}) s`);
  return rows.map((row) => Number(row.start_ms));
}

/** True when the patient has been with the doctor: a visit that began and was not missed. Seen under a grant for the patient or the clinic. */
export async function isKnownToDoctor(tx: Tx, patientId: string, doctorId: string, nowMs: number): Promise<boolean> {
  const rows = await tx.execute(sql`
    select 1 from appointments where patient_id = ${patientId} and doctor_id = ${doctorId} and starts_at <= ${at(nowMs)}
      and status not in ('cancelled', 'noshow', 'entered-in-error') limit 1`);
  return rows.length > 0;
}
