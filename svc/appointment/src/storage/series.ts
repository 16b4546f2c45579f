import type { ClinicId, DoctorId, Id } from "@episante/contracts/ids";
import { type Rhythm, rhythmSchema } from "@episante/contracts/series";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { type BusyState, busyStateOf } from "../domain/floor.ts";
import type { AppointmentRow } from "./appointments.ts";
import { unlessTaken } from "./moves.ts";
import { at, texts } from "./rows.ts";
import { findVisits, type VisitRow } from "./visits.ts";

/** A series as it was booked. Its visits go their own ways afterwards. */
export interface SeriesRow {
  readonly id: Id<"ser">;
  readonly clinicId: ClinicId;
  readonly doctorId: DoctorId;
  readonly rhythm: Rhythm;
}
/** A visit of a series. */
export interface SeriesVisit extends VisitRow {
  /** Its last move was its own, not one of the series. */
  readonly isMovedAlone: boolean;
}

/** Stores a series. */
export async function insertSeries(tx: Tx, series: SeriesRow, nowMs: number): Promise<void> {
  await tx.execute(sql`
    insert into series (id, clinic_id, doctor_id, rhythm, booked_at)
    values (${series.id}, ${series.clinicId}, ${series.doctorId}, ${JSON.stringify(series.rhythm)}::jsonb, ${at(nowMs)})`);
}

/** A series by id, or null. Not protected: names no patient. */
export async function findSeries(tx: Tx, id: string): Promise<SeriesRow | null> {
  const [row] = await tx.execute(sql`select id, clinic_id, doctor_id, rhythm from series where id = ${id}`);
  if (!row) return null;
  return {
    id: String(row.id) as SeriesRow["id"],
    clinicId: String(row.clinic_id) as ClinicId,
    doctorId: String(row.doctor_id) as DoctorId,
    rhythm: rhythmSchema.parse(row.rhythm),
  };
}

/** The visits of a series that the grant lets be seen, in order of start. */
export async function listSeriesVisits(tx: Tx, seriesId: string): Promise<SeriesVisit[]> {
  const rows = await tx.execute(sql`
    select a.id, exists (
      select 1 from visit_history h where h.appointment_id = a.id and h.kind = 'moved' and not h.of_series
        and not exists (select 1 from visit_history l where l.appointment_id = a.id and l.kind = 'moved' and l.id > h.id)) as moved_alone
    from appointments a where a.series_id = ${seriesId}`);
  const alone = new Map(rows.map((row) => [String(row.id), row.moved_alone === true]));
  const visits = await findVisits(tx, [...alone.keys()]);
  return visits.map((visit) => ({ ...visit, isMovedAlone: alone.get(visit.id) === true }));
}

/** Locks visits until the transaction ends: nobody changes their state meanwhile. */
export async function lockVisits(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.execute(sql`select 1 from appointments where id = any (${texts(ids)}::text[]) order by id for update`);
}

/** Writes a visit of a series whose time was just taken. @param place its number, and of how many */
export async function insertSeriesVisit(
  tx: Tx,
  visit: AppointmentRow,
  of: { busyId: string; bookedBy: string; seriesId: string; number: number; size: number },
): Promise<void> {
  await tx.execute(sql`
    insert into appointments (id, busy_id, clinic_id, doctor_id, patient_id, reason_id, status, starts_at, ends_at, zone, cancel_until,
      booked_at, booked_by, series_id, series_number, series_size)
    values (${visit.id}, ${of.busyId}::bigint, ${visit.clinicId}, ${visit.doctorId}, ${visit.patientId}, ${visit.reasonId}, ${visit.status},
      ${at(visit.startMs)}, ${at(visit.endMs)}, ${visit.zone}, ${at(visit.cancelUntilMs)}, ${at(visit.bookedMs)}, ${of.bookedBy},
      ${of.seriesId}, ${of.number}, ${of.size})`);
}

/**
 * Lets go of the times of visits that all move at once, so that each may have one that another one leaves. Within one transaction, under the
 * doctors' locks; `occupyTime` takes the new ones.
 */
export async function releaseTimes(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.execute(sql`update busy set state = 'released' where holder = any (${texts(ids)}::text[])`);
}

/** Takes the time a visit has now, after `releaseTimes`. The exclusion constraint decides. @returns false when somebody else has part of it */
export async function occupyTime(tx: Tx, visit: Pick<VisitRow, "id" | "status">): Promise<boolean> {
  const state: BusyState = busyStateOf(visit.status);
  return unlessTaken(tx, (inner) => inner.execute(sql`update busy set state = ${state} where holder = ${visit.id}`));
}

/** Marks what was just written to the histories of these visits as done to the series. */
export async function markOfSeries(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.execute(sql`
    update visit_history set of_series = true where id in (
      select max(h.id) from visit_history h where h.appointment_id = any (${texts(ids)}::text[]) group by h.appointment_id)`);
}
