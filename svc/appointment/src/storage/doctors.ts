import { type Schedule, scheduleSchema } from "@episante/contracts/appointment";
import { postalLine } from "@episante/contracts/doctor";
import type { EventData } from "@episante/contracts/events";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { at } from "./rows.ts";

/** A doctor as booking sees one. */
export interface DoctorRow {
  readonly doctorId: string;
  readonly clinicId: string;
  readonly isActive: boolean;
}
/** A visit reason, mirrored from svc/doctor. */
export interface ReasonRow {
  readonly reasonId: string;
  readonly doctorId: string;
  readonly minutes: number;
  readonly isOnline: boolean;
  readonly cancelHours: number;
  readonly isRetired: boolean;
}

/** A doctor by id, or null. */
export async function findDoctor(tx: Tx, doctorId: string): Promise<DoctorRow | null> {
  const [row] = await tx.execute(sql`select doctor_id, clinic_id, is_active from doctors where doctor_id = ${doctorId}`);
  return row ? toDoctor(row) : null;
}

function toDoctor(row: Record<string, unknown>): DoctorRow {
  return { doctorId: String(row.doctor_id), clinicId: String(row.clinic_id), isActive: row.is_active === true };
}

/** Doctors of a clinic. */
export async function listDoctorsOfClinic(tx: Tx, clinicId: string): Promise<string[]> {
  const rows = await tx.execute(sql`select doctor_id from doctors where clinic_id = ${clinicId} and is_active`);
  return rows.map((row) => String(row.doctor_id));
}

const reasonColumns = sql`reason_id, doctor_id, minutes, is_online, cancel_hours, retired_at is not null as is_retired`;
function toReason(row: Record<string, unknown>): ReasonRow {
  return {
    reasonId: String(row.reason_id),
    doctorId: String(row.doctor_id),
    minutes: Number(row.minutes),
    isOnline: row.is_online === true,
    cancelHours: Number(row.cancel_hours),
    isRetired: row.is_retired === true,
  };
}

/** A reason by id, retired ones too, or null. */
export async function findReason(tx: Tx, reasonId: string): Promise<ReasonRow | null> {
  const [row] = await tx.execute(sql`select ${reasonColumns} from reasons where reason_id = ${reasonId}`);
  return row ? toReason(row) : null;
}

/** Open (not retired) reasons of a doctor that patients may book. */
export async function listOnlineReasons(tx: Tx, doctorId: string): Promise<ReasonRow[]> {
  const rows = await tx.execute(
    sql`select ${reasonColumns} from reasons where doctor_id = ${doctorId} and retired_at is null and is_online order by reason_id`,
  );
  return rows.map(toReason);
}

/** A doctor with hours; before any were set: none, in the clinic's zone. */
export interface DoctorHours extends DoctorRow {
  readonly schedule: Schedule;
}
/** How far ahead is looked for a doctor who set no hours yet, days. */
const defaultHorizonDays = 90;

const hoursColumns = sql`d.doctor_id, d.clinic_id, d.is_active, coalesce(s.zone, c.zone, 'Europe/Paris') as zone,
  coalesce(s.windows, '[]') as windows, coalesce(s.closures, '[]') as closures, coalesce(s.notice_minutes, 0) as notice_minutes,
  coalesce(s.horizon_days, ${sql.raw(String(defaultHorizonDays))}) as horizon_days`;
const hoursTables = sql`doctors d left join schedules s using (doctor_id) left join clinics c using (clinic_id)`;

function toDoctorHours(row: Record<string, unknown>): DoctorHours {
  const { zone, windows, closures, notice_minutes: noticeMinutes, horizon_days: horizonDays } = row;
  return { ...toDoctor(row), schedule: scheduleSchema.parse({ zone, windows, closures, noticeMinutes, horizonDays }) };
}

/** A doctor's hours, or null for an unknown doctor. */
export async function findHours(tx: Tx, doctorId: string): Promise<DoctorHours | null> {
  const [row] = await tx.execute(sql`select ${hoursColumns} from ${hoursTables} where d.doctor_id = ${doctorId}`);
  return row ? toDoctorHours(row) : null;
}

/** A doctor's hours with one of the doctor's reasons (null: unknown, or somebody else's), or null for an unknown doctor. */
export async function findOffer(tx: Tx, doctorId: string, reasonId: string): Promise<(DoctorHours & { reason: ReasonRow | null }) | null> {
  const [row] = await tx.execute(sql`
    select ${hoursColumns}, r.reason_id, r.minutes, r.is_online, r.cancel_hours, r.retired_at is not null as is_retired
    from ${hoursTables} left join reasons r on r.reason_id = ${reasonId} and r.doctor_id = d.doctor_id
    where d.doctor_id = ${doctorId}`);
  return row ? { ...toDoctorHours(row), reason: row.reason_id === null ? null : toReason(row) } : null;
}

/** Zone, name and address of a clinic, or null before its first event. */
export async function findClinic(tx: Tx, clinicId: string): Promise<{ zone: string; name: string; address: string } | null> {
  const [row] = await tx.execute(sql`select zone, name, address from clinics where clinic_id = ${clinicId}`);
  return row ? { zone: String(row.zone), name: String(row.name), address: String(row.address) } : null;
}

/** Replaces the hours of a doctor. */
export async function saveSchedule(tx: Tx, doctorId: string, schedule: Schedule, nowMs: number): Promise<void> {
  await tx.execute(sql`
    insert into schedules (doctor_id, zone, windows, closures, notice_minutes, horizon_days, changed_at)
    values (${doctorId}, ${schedule.zone}, ${JSON.stringify(schedule.windows)}::jsonb, ${JSON.stringify(schedule.closures)}::jsonb,
            ${schedule.noticeMinutes}, ${schedule.horizonDays}, ${at(nowMs)})
    on conflict (doctor_id) do update set zone = excluded.zone, windows = excluded.windows, closures = excluded.closures,
      notice_minutes = excluded.notice_minutes, horizon_days = excluded.horizon_days, changed_at = excluded.changed_at`);
}

/**
 * One booking change of a doctor at a time: until the transaction ends, what was read of this doctor stays true.
 * The exclusion constraint alone would be safe too, but parallel inserts would deadlock on each other.
 */
export async function lockDoctor(tx: Tx, doctorId: string): Promise<void> {
  await tx.execute(sql`select 1 from doctors where doctor_id = ${doctorId} for update`);
}

/** Applies `clinic.changed`. */
export async function saveClinic(tx: Tx, clinic: EventData<"clinic.changed">, changedAt: string): Promise<void> {
  await tx.execute(sql`
    insert into clinics (clinic_id, zone, name, address, changed_at)
    values (${clinic.clinicId}, ${clinic.zone}, ${clinic.name}, ${postalLine(clinic.address, clinic.city)}, ${changedAt}::timestamptz)
    on conflict (clinic_id) do update set zone = excluded.zone, name = excluded.name, address = excluded.address, changed_at = excluded.changed_at
    where clinics.changed_at <= excluded.changed_at`);
}

/** Applies a doctor's membership: which clinic, and whether visits may be booked at all. */
export async function saveDoctor(tx: Tx, doctor: DoctorRow, changedAt: string): Promise<void> {
  await tx.execute(sql`
    insert into doctors (doctor_id, clinic_id, is_active, changed_at)
    values (${doctor.doctorId}, ${doctor.clinicId}, ${doctor.isActive}, ${changedAt}::timestamptz)
    on conflict (doctor_id) do update set clinic_id = excluded.clinic_id, is_active = excluded.is_active, changed_at = excluded.changed_at
    where doctors.changed_at <= excluded.changed_at`);
}

/**
 * Applies `doctor.reasons-changed`: listed reasons are open, all others of the doctor are retired; a list older than the last one is ignored.
 * Makes the doctor known when auth's event is not here yet.
 */
export async function saveReasons(tx: Tx, data: EventData<"doctor.reasons-changed">, changedAt: string): Promise<void> {
  const newer = await tx.execute(sql`
    insert into doctors (doctor_id, clinic_id, changed_at, reasons_changed_at) values (${data.doctorId}, ${data.clinicId}, 'epoch', ${changedAt}::timestamptz)
    on conflict (doctor_id) do update set reasons_changed_at = excluded.reasons_changed_at
    where doctors.reasons_changed_at <= excluded.reasons_changed_at returning doctor_id`);
  if (newer.length === 0) return;
  await tx.execute(sql`
    insert into reasons (reason_id, doctor_id, minutes, is_online, cancel_hours)
    select r.id, ${data.doctorId}, r.minutes, r.online, r."cancelHours"
    from jsonb_to_recordset(${JSON.stringify(data.reasons)}::jsonb) as r (id text, minutes integer, online boolean, "cancelHours" integer)
    on conflict (reason_id) do update set minutes = excluded.minutes, is_online = excluded.is_online, cancel_hours = excluded.cancel_hours, retired_at = null
    where reasons.doctor_id = excluded.doctor_id`);
  await tx.execute(sql`
    update reasons set retired_at = ${changedAt}::timestamptz
    where doctor_id = ${data.doctorId} and retired_at is null
      and not ${JSON.stringify(data.reasons.map((reason) => reason.id))}::jsonb ? reason_id`);
}
