import { type putMyProfile, type Reason, reasonSchema } from "@episante/contracts/doctor";
import type { BodyOf } from "@episante/contracts/endpoint";
import type { EventData } from "@episante/contracts/events";
import type { ClinicId } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import { plain } from "../domain/search.ts";

/** A doctor, published or not. */
export interface DoctorRow {
  readonly doctorId: string;
  readonly clinicId: ClinicId;
  readonly givenName: string;
  readonly familyName: string;
  readonly isPublished: boolean;
}

/** A doctor by id, drafts too, or null. */
export async function findDoctor(tx: Tx, doctorId: string): Promise<DoctorRow | null> {
  const [row] = await tx.execute(sql`
    select doctor_id, clinic_id, given_name, family_name, published_at is not null and is_active as is_published from doctors where doctor_id = ${doctorId}`);
  if (!row) return null;
  return {
    doctorId: String(row.doctor_id),
    clinicId: String(row.clinic_id) as ClinicId,
    givenName: String(row.given_name),
    familyName: String(row.family_name),
    isPublished: row.is_published === true,
  };
}

/** Applies a doctor's membership: a draft when the doctor is new. */
export async function saveMember(
  tx: Tx,
  member: { doctorId: string; clinicId: string; accountId: string; isActive: boolean; givenName: string; familyName: string },
  changedAt: string,
): Promise<void> {
  const { doctorId, givenName, familyName } = member;
  const nameKey = plain(`${familyName} ${givenName}`);
  await tx.execute(sql`
    insert into doctors (doctor_id, clinic_id, account_id, is_active, member_at, given_name, family_name, name_key)
    values (${doctorId}, ${member.clinicId}, ${member.accountId}, ${member.isActive}, ${changedAt}::timestamptz, ${givenName}, ${familyName}, ${nameKey})
    on conflict (doctor_id) do update set clinic_id = excluded.clinic_id, is_active = excluded.is_active, member_at = excluded.member_at
    where doctors.member_at <= excluded.member_at`);
  await settlePlaces(tx, sql`d.doctor_id = ${doctorId}`);
}

/** Keeps where patients go: the doctor's own place, else the clinic's. */
async function settlePlaces(tx: Tx, which: SQL): Promise<void> {
  await tx.execute(sql`
    update doctors d set at_lat = coalesce(d.lat, c.lat), at_lng = coalesce(d.lng, c.lng) from clinics c where c.clinic_id = d.clinic_id and ${which}`);
}

/** Applies `clinic.changed`. */
export async function saveClinic(tx: Tx, clinic: EventData<"clinic.changed">, changedAt: string): Promise<void> {
  await tx.execute(sql`
    insert into clinics (clinic_id, name, zone, city, address, phone, lat, lng, changed_at)
    values (${clinic.clinicId}, ${clinic.name}, ${clinic.zone}, ${clinic.city}, ${clinic.address}, ${clinic.phone}, ${clinic.lat}, ${clinic.lng}, ${changedAt}::timestamptz)
    on conflict (clinic_id) do update set name = excluded.name, zone = excluded.zone, city = excluded.city, address = excluded.address,
      phone = excluded.phone, lat = excluded.lat, lng = excluded.lng, changed_at = excluded.changed_at
    where clinics.changed_at <= excluded.changed_at`);
  await settlePlaces(tx, sql`d.clinic_id = ${clinic.clinicId}`);
}

/** True once the clinic's facts have arrived. */
export async function isClinicKnown(tx: Tx, clinicId: string): Promise<boolean> {
  return (await tx.execute(sql`select 1 from clinics where clinic_id = ${clinicId}`)).length > 0;
}

/** Publishes a doctor's profile. */
export async function publishProfile(tx: Tx, doctor: DoctorRow, profile: BodyOf<typeof putMyProfile>, nowMs: number): Promise<void> {
  await tx.execute(sql`
    update doctors set specialty = ${profile.specialty}, languages = ${JSON.stringify(profile.languages)}::jsonb, sector = ${profile.sector},
      wheelchair = ${profile.wheelchair}, accepts_new = ${profile.acceptsNew}, about = ${profile.about ? JSON.stringify(profile.about) : null}::jsonb,
      address = ${profile.address ?? null}, lat = ${profile.lat ?? null}, lng = ${profile.lng ?? null},
      published_at = coalesce(published_at, ${new Date(nowMs).toISOString()}::timestamptz)
    where doctor_id = ${doctor.doctorId}`);
  await settlePlaces(tx, sql`d.doctor_id = ${doctor.doctorId}`);
}

/** Open reasons of a doctor, in the doctor's order. */
export async function listReasons(tx: Tx, doctorId: string): Promise<Reason[]> {
  const rows = await tx.execute(sql`
    select id, name, minutes, is_online, cancel_hours, rules from reasons where doctor_id = ${doctorId} and retired_at is null order by position, id`);
  return rows.map((row) =>
    reasonSchema.parse({
      ...(row.rules as object),
      id: row.id,
      name: row.name,
      minutes: row.minutes,
      online: row.is_online,
      cancelHours: row.cancel_hours,
    }),
  );
}

/** Ids of every reason the doctor ever had. Waits for a parallel change of the same doctor's reasons. */
export async function lockReasonIds(tx: Tx, doctorId: string): Promise<Set<string>> {
  await tx.execute(sql`select 1 from doctors where doctor_id = ${doctorId} for update`);
  const rows = await tx.execute(sql`select id from reasons where doctor_id = ${doctorId}`);
  return new Set(rows.map((row) => String(row.id)));
}

/** Replaces the list of open reasons; the others are retired, not deleted: past visits point to them. `indexDoctors` must follow. */
export async function replaceReasons(tx: Tx, doctorId: string, reasons: readonly Reason[], nowMs: number): Promise<void> {
  await tx.execute(sql`
    update reasons set retired_at = ${new Date(nowMs).toISOString()}::timestamptz where doctor_id = ${doctorId} and retired_at is null`);
  const rows = reasons.map(({ id, name, minutes, online, cancelHours, ...rules }, position) => ({
    id,
    name,
    minutes,
    online,
    cancelHours,
    rules,
    position,
  }));
  await tx.execute(sql`
    insert into reasons (id, doctor_id, name, minutes, is_online, cancel_hours, rules, position)
    select r.id, ${doctorId}, r.name, r.minutes, r.online, r."cancelHours", r.rules, r.position
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r (id text, name jsonb, minutes integer, online boolean, "cancelHours" integer, rules jsonb, position integer)
    on conflict (id) do update set name = excluded.name, minutes = excluded.minutes, is_online = excluded.is_online,
      cancel_hours = excluded.cancel_hours, rules = excluded.rules, position = excluded.position, retired_at = null`);
}
