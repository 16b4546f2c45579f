import { type Schedule, scheduleSchema } from "@episante/contracts/appointment";
import { postalLine } from "@episante/contracts/doctor";
import type { EventData } from "@episante/contracts/events";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { Interval } from "../domain/calendar.ts";
import type { ClosedDay } from "../domain/hours.ts";
import type { OfferedReason } from "../domain/rules.ts";
import { at, ms } from "./rows.ts";

/** A doctor as booking sees one. */
export interface DoctorRow {
  readonly doctorId: string;
  readonly clinicId: string;
  readonly isActive: boolean;
}
/** A visit reason, mirrored from svc/doctor. */
export interface ReasonRow extends Required<OfferedReason> {
  readonly doctorId: string;
  readonly cancelHours: number;
  /** As `cancelHours` unless the reason says otherwise. */
  readonly moveHours: number;
  readonly mode: "in-person" | "video";
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

const reasonColumns = sql`r.reason_id, r.doctor_id as reason_doctor_id, r.minutes, r.is_online, r.cancel_hours, r.move_hours, r.buffer_before_minutes, r.buffer_after_minutes,
  r.notice_minutes as reason_notice_minutes, r.horizon_days as reason_horizon_days, r.visitors, r.min_age, r.max_age, r.daily_cap, r.mode,
  r.resource_types, r.retired_at is not null as is_retired`;
const numberOf = (value: unknown) => (value === null ? undefined : Number(value));
function toReason(row: Record<string, unknown>): ReasonRow {
  return {
    reasonId: String(row.reason_id),
    doctorId: String(row.reason_doctor_id),
    minutes: Number(row.minutes),
    isOnline: row.is_online === true,
    cancelHours: Number(row.cancel_hours),
    moveHours: Number(row.move_hours ?? row.cancel_hours),
    bufferBeforeMinutes: Number(row.buffer_before_minutes),
    bufferAfterMinutes: Number(row.buffer_after_minutes),
    noticeMinutes: numberOf(row.reason_notice_minutes),
    horizonDays: numberOf(row.reason_horizon_days),
    visitors: row.visitors as ReasonRow["visitors"],
    minAge: numberOf(row.min_age),
    maxAge: numberOf(row.max_age),
    dailyCap: numberOf(row.daily_cap),
    mode: row.mode as ReasonRow["mode"],
    resourceTypes: row.resource_types as string[],
    isRetired: row.is_retired === true,
  };
}

/** A reason by id, retired ones too, or null. */
export async function findReason(tx: Tx, reasonId: string): Promise<ReasonRow | null> {
  const [row] = await tx.execute(sql`select ${reasonColumns} from reasons r where r.reason_id = ${reasonId}`);
  return row ? toReason(row) : null;
}

/** Doctors of a clinic with all their reasons: those who left, and reasons that are retired, too. */
export async function listDoctorsWithReasons(tx: Tx, clinicId: string): Promise<(DoctorRow & { readonly reasons: ReasonRow[] })[]> {
  const doctors = await tx.execute(
    sql`select doctor_id, clinic_id, is_active from doctors where clinic_id = ${clinicId} order by doctor_id`,
  );
  const rows = await tx.execute(
    sql`select ${reasonColumns} from reasons r join doctors d using (doctor_id) where d.clinic_id = ${clinicId} order by r.reason_id`,
  );
  const reasons = Map.groupBy(rows.map(toReason), ({ doctorId }) => doctorId);
  return doctors.map((row) => ({ ...toDoctor(row), reasons: reasons.get(String(row.doctor_id)) ?? [] }));
}

/** Open (not retired) reasons of a doctor that patients may book. */
export async function listOnlineReasons(tx: Tx, doctorId: string): Promise<ReasonRow[]> {
  const rows = await tx.execute(
    sql`select ${reasonColumns} from reasons r where r.doctor_id = ${doctorId} and r.retired_at is null and r.is_online order by r.reason_id`,
  );
  return rows.map(toReason);
}

/** Open (not retired) reasons of a doctor, in order of id. */
export async function listOpenReasons(tx: Tx, doctorId: string): Promise<ReasonRow[]> {
  const rows = await tx.execute(
    sql`select ${reasonColumns} from reasons r where r.doctor_id = ${doctorId} and r.retired_at is null order by r.reason_id`,
  );
  return rows.map(toReason);
}

/** A doctor with hours; before any were set: none, in the clinic's zone. */
export interface DoctorHours extends DoctorRow {
  readonly schedule: Schedule;
  /** Days on which the doctor's clinic is closed. */
  readonly closedDays: readonly ClosedDay[];
  readonly absences: readonly Interval[];
  /** When calendars elsewhere say that the doctor is busy. */
  readonly external: readonly Interval[];
}
/** How far ahead is looked for a doctor who set no hours yet, days. */
const defaultHorizonDays = 90;

const hoursColumns = sql`d.doctor_id, d.clinic_id, d.is_active, coalesce(s.zone, c.zone, 'Europe/Paris') as zone,
  coalesce(s.windows, '[]') as windows, coalesce(s.closures, '[]') as closures, coalesce(s.notice_minutes, 0) as notice_minutes,
  coalesce(s.horizon_days, ${sql.raw(String(defaultHorizonDays))}) as horizon_days, coalesce(s.overrides, '[]') as overrides,
  (select jsonb_agg(jsonb_build_object('day', cc.day, 'name', cc.name)) from clinic_closures cc where cc.clinic_id = d.clinic_id) as closed_days,
  (select jsonb_agg(jsonb_build_object('startMs', ${ms(sql`ab.starts_at`)}, 'endMs', ${ms(sql`ab.ends_at`)})) from absences ab where ab.doctor_id = d.doctor_id) as absences,
  (select jsonb_agg(block) from busy_blocks bb, jsonb_array_elements(bb.blocks) block where bb.doctor_id = d.doctor_id) as external`;
const hoursTables = sql`doctors d left join schedules s using (doctor_id) left join clinics c using (clinic_id)`;

function toDoctorHours(row: Record<string, unknown>): DoctorHours {
  const { zone, windows, closures, notice_minutes: noticeMinutes, horizon_days: horizonDays } = row;
  const overrides = row.overrides as unknown[];
  const schedule = { zone, windows, closures, noticeMinutes, horizonDays, ...(overrides.length > 0 ? { overrides } : {}) };
  return {
    ...toDoctor(row),
    schedule: scheduleSchema.parse(schedule),
    closedDays: (row.closed_days ?? []) as ClosedDay[],
    absences: (row.absences ?? []) as Interval[],
    external: ((row.external ?? []) as [number, number][]).map(([startMs, endMs]) => ({ startMs, endMs })),
  };
}

/** A doctor's hours, or null for an unknown doctor. */
export async function findHours(tx: Tx, doctorId: string): Promise<DoctorHours | null> {
  const [row] = await tx.execute(sql`select ${hoursColumns} from ${hoursTables} where d.doctor_id = ${doctorId}`);
  return row ? toDoctorHours(row) : null;
}

/**
 * A doctor's hours with one of the doctor's reasons (null: unknown, or somebody else's) and the version of these facts, or null for an unknown
 * doctor. None of it is protected: needs no transaction.
 */
export async function findOffer(
  db: Pick<Tx, "execute">,
  doctorId: string,
  reasonId: string,
): Promise<(DoctorHours & { reason: ReasonRow | null; version: number }) | null> {
  const [row] = await db.execute(sql`
    select d.version, ${hoursColumns}, ${reasonColumns}
    from ${hoursTables} left join reasons r on r.reason_id = ${reasonId} and r.doctor_id = d.doctor_id
    where d.doctor_id = ${doctorId}`);
  return row ? { ...toDoctorHours(row), reason: row.reason_id === null ? null : toReason(row), version: Number(row.version) } : null;
}

/** Zone, name and address of a clinic, or null before its first event. */
export async function findClinic(tx: Tx, clinicId: string): Promise<{ zone: string; name: string; address: string } | null> {
  const [row] = await tx.execute(sql`select zone, name, address from clinics where clinic_id = ${clinicId}`);
  return row ? { zone: String(row.zone), name: String(row.name), address: String(row.address) } : null;
}

/** Replaces the hours of a doctor. */
export async function saveSchedule(tx: Tx, doctorId: string, schedule: Schedule, nowMs: number): Promise<void> {
  await tx.execute(sql`
    insert into schedules (doctor_id, zone, windows, overrides, closures, notice_minutes, horizon_days, changed_at)
    values (${doctorId}, ${schedule.zone}, ${JSON.stringify(schedule.windows)}::jsonb, ${JSON.stringify(schedule.overrides ?? [])}::jsonb,
            ${JSON.stringify(schedule.closures)}::jsonb, ${schedule.noticeMinutes}, ${schedule.horizonDays}, ${at(nowMs)})
    on conflict (doctor_id) do update set zone = excluded.zone, windows = excluded.windows, overrides = excluded.overrides, closures = excluded.closures,
      notice_minutes = excluded.notice_minutes, horizon_days = excluded.horizon_days, changed_at = excluded.changed_at`);
}

/** A clinic's closed days in order. */
export async function listClosures(tx: Tx, clinicId: string): Promise<ClosedDay[]> {
  const rows = await tx.execute(
    sql`select day::text, name from clinic_closures where clinic_id = ${clinicId} order by clinic_closures.day`,
  );
  return rows.map((row) => ({ day: String(row.day), name: String(row.name) }));
}

/** Makes these the clinic's closed days. Locks the clinic's doctors, in one order: hours they share change. */
export async function saveClosures(tx: Tx, clinicId: string, closures: readonly ClosedDay[]): Promise<void> {
  const rows = JSON.stringify(closures);
  await tx.execute(sql`select 1 from doctors where clinic_id = ${clinicId} order by doctor_id for update`);
  await tx.execute(sql`
    delete from clinic_closures where clinic_id = ${clinicId}
      and not exists (select 1 from jsonb_to_recordset(${rows}::jsonb) as x (day date) where x.day = clinic_closures.day)`);
  await tx.execute(sql`
    insert into clinic_closures (clinic_id, day, name)
    select ${clinicId}, x.day, x.name from jsonb_to_recordset(${rows}::jsonb) as x (day date, name text)
    on conflict (clinic_id, day) do update set name = excluded.name where clinic_closures.name <> excluded.name`);
}

/** True for a clinic that is known here. */
export async function isKnownClinic(tx: Tx, clinicId: string): Promise<boolean> {
  return (await tx.execute(sql`select 1 from clinics where clinic_id = ${clinicId}`)).length > 0;
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
    insert into reasons (reason_id, doctor_id, minutes, is_online, cancel_hours, move_hours, buffer_before_minutes, buffer_after_minutes,
      notice_minutes, horizon_days, visitors, min_age, max_age, daily_cap, mode, resource_types)
    select r.id, ${data.doctorId}, r.minutes, r.online, r."cancelHours", r."moveHours", r."bufferBeforeMinutes", r."bufferAfterMinutes",
      r."noticeMinutes", r."horizonDays", r.visitors, r."minAge", r."maxAge", r."dailyCap", r.mode, r."resourceTypes"
    from jsonb_to_recordset(${JSON.stringify(data.reasons)}::jsonb) as r (id text, minutes integer, online boolean, "cancelHours" integer,
      "moveHours" integer, "bufferBeforeMinutes" integer, "bufferAfterMinutes" integer, "noticeMinutes" integer, "horizonDays" integer,
      visitors text, "minAge" integer, "maxAge" integer, "dailyCap" integer, mode text, "resourceTypes" text[])
    on conflict (reason_id) do update set minutes = excluded.minutes, is_online = excluded.is_online, cancel_hours = excluded.cancel_hours,
      move_hours = excluded.move_hours, buffer_before_minutes = excluded.buffer_before_minutes, buffer_after_minutes = excluded.buffer_after_minutes,
      notice_minutes = excluded.notice_minutes, horizon_days = excluded.horizon_days, visitors = excluded.visitors, min_age = excluded.min_age,
      max_age = excluded.max_age, daily_cap = excluded.daily_cap, mode = excluded.mode, resource_types = excluded.resource_types, retired_at = null
    where reasons.doctor_id = excluded.doctor_id`);
  await tx.execute(sql`
    update reasons set retired_at = ${changedAt}::timestamptz
    where doctor_id = ${data.doctorId} and retired_at is null
      and not ${JSON.stringify(data.reasons.map((reason) => reason.id))}::jsonb ? reason_id`);
}
