import type { AppointmentId, ClinicId, DoctorId, Id, PatientId, ReasonId } from "@episante/contracts/ids";
import type { WaitlistSettings } from "@episante/contracts/waitlist";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import type { Criteria } from "../domain/waitlist.ts";
import { at, ms } from "./rows.ts";

/** A doctor with the reason somebody would come for. */
export interface Wish {
  readonly doctorId: DoctorId;
  readonly reasonId: ReasonId;
}
/** Somebody who waits for a time. */
export interface EntryRow extends Criteria {
  readonly id: Id<"wle">;
  /** Its turn among entries and freed times. */
  readonly place: number;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly wishes: readonly Wish[];
  readonly insteadOf: AppointmentId | null;
  readonly status: "waiting" | "served" | "left" | "over";
  readonly createdMs: number;
}

const columns = sql`e.id, e.place, e.clinic_id, e.patient_id, e.wishes, e.days, e.hour_from, e.hour_to, e.from_day::text as from_day,
  e.until_day::text as until_day, e.instead_of, e.status, ${ms(sql`e.created_at`)} as created_ms`;
const textOr = (value: unknown) => (value === null ? undefined : String(value));

function toEntry(row: Record<string, unknown>): EntryRow {
  const [from, until] = [textOr(row.from_day), textOr(row.until_day)];
  return {
    id: String(row.id) as Id<"wle">,
    place: Number(row.place),
    clinicId: String(row.clinic_id) as ClinicId,
    patientId: String(row.patient_id) as PatientId,
    wishes: row.wishes as Wish[],
    insteadOf: row.instead_of as AppointmentId | null,
    status: row.status as EntryRow["status"],
    createdMs: Number(row.created_ms),
    ...(row.days === null ? {} : { days: row.days as number[] }),
    ...(row.hour_from === null ? {} : { hours: { from: String(row.hour_from), to: String(row.hour_to) } }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  };
}

/** Whose an entry or an offer is, or null; needs no row-level context. */
export async function findOwner(tx: Tx, id: string): Promise<{ patientId: string; clinicId: string } | null> {
  const [row] = await tx.execute(sql`select patient_id, clinic_id from owner_of_waiting(${id})`);
  return row ? { patientId: String(row.patient_id), clinicId: String(row.clinic_id) } : null;
}

/** Stores a new entry; its turn is behind all that was freed until now. */
export async function insertEntry(tx: Tx, entry: Omit<EntryRow, "place" | "status"> & { accountId: string }): Promise<void> {
  const days = entry.days ? sql`${`{${entry.days.join(",")}}`}::integer[]` : sql`null`;
  await tx.execute(sql`
    insert into waitlist_entries (id, clinic_id, patient_id, account_id, wishes, days, hour_from, hour_to, from_day, until_day, instead_of, created_at)
    values (${entry.id}, ${entry.clinicId}, ${entry.patientId}, ${entry.accountId}, ${JSON.stringify(entry.wishes)}::jsonb, ${days},
            ${entry.hours?.from ?? null}, ${entry.hours?.to ?? null}, ${entry.from ?? null}::date, ${entry.until ?? null}::date,
            ${entry.insteadOf}, ${at(entry.createdMs)})`);
}

/** An entry that the grant lets be seen, or null. */
export async function findEntry(tx: Tx, id: string): Promise<EntryRow | null> {
  const [row] = await tx.execute(sql`select ${columns} from waitlist_entries e where e.id = ${id}`);
  return row ? toEntry(row) : null;
}

/** Entries that wait and that the grant lets be seen, in order of entry. */
export async function listEntries(
  tx: Tx,
  query: { patientId?: string | undefined; doctorId?: string | undefined; limit: number },
): Promise<EntryRow[]> {
  const conditions: SQL[] = [sql`e.status = 'waiting'`];
  if (query.patientId !== undefined) conditions.push(sql`e.patient_id = ${query.patientId}`);
  if (query.doctorId !== undefined) conditions.push(wishes(query.doctorId));
  const rows = await tx.execute(
    sql`select ${columns} from waitlist_entries e where ${sql.join(conditions, sql` and `)} order by e.place limit ${query.limit}`,
  );
  return rows.map(toEntry);
}

function wishes(doctorId: string): SQL {
  return sql`e.wishes @> ${JSON.stringify([{ doctorId }])}::jsonb`;
}

/** An entry that nothing is offered to at the moment, with the starts (ms) at the doctor's that were offered to it before. */
export interface WaitingRow extends EntryRow {
  readonly offeredStarts: readonly number[];
}

/** Who waits for a doctor and has no open offer, in order of entry. */
export async function listWaiting(tx: Tx, { doctorId, clinicId }: { doctorId: string; clinicId: string }): Promise<WaitingRow[]> {
  const rows = await tx.execute(sql`
    select ${columns},
      (select coalesce(jsonb_agg(${ms(sql`o.starts_at`)}), '[]') from waitlist_offers o where o.entry_id = e.id and o.doctor_id = ${doctorId}) as offered
    from waitlist_entries e
    where e.clinic_id = ${clinicId} and e.status = 'waiting' and ${wishes(doctorId)}
      and not exists (select 1 from waitlist_offers o where o.entry_id = e.id and o.status = 'open')
    order by e.place`);
  return rows.map((row) => ({ ...toEntry(row), offeredStarts: row.offered as number[] }));
}

/** True when anybody waits for a doctor, whether or not something is offered at the moment. */
export async function doesAnybodyWait(tx: Tx, { doctorId, clinicId }: { doctorId: string; clinicId: string }): Promise<boolean> {
  const rows = await tx.execute(
    sql`select 1 from waitlist_entries e where e.clinic_id = ${clinicId} and e.status = 'waiting' and ${wishes(doctorId)} limit 1`,
  );
  return rows.length > 0;
}

/** Ends an entry that waits. @returns false when it ended before */
export async function endEntry(tx: Tx, id: string, status: Exclude<EntryRow["status"], "waiting">, nowMs: number): Promise<boolean> {
  const ended = await tx.execute(
    sql`update waitlist_entries set status = ${status}, ended_at = ${at(nowMs)} where id = ${id} and status = 'waiting' returning id`,
  );
  return ended.length > 0;
}

/** A doctor's waitlist: its settings and what was last looked at. */
export interface WaitlistDoctorRow {
  readonly mode: WaitlistSettings["mode"];
  readonly offerMinutes: number;
  readonly openHours: unknown;
  readonly openKey: string | null;
}

/** The waitlist of a doctor; before anybody waited or set anything: the defaults. */
export async function findWaitlist(tx: Tx, doctorId: string): Promise<WaitlistDoctorRow> {
  const [row] = await tx.execute(sql`select mode, offer_minutes, open_hours, open_key from waitlist_doctors where doctor_id = ${doctorId}`);
  if (!row) return { mode: "one-by-one", offerMinutes: 120, openHours: null, openKey: null };
  return {
    mode: row.mode as WaitlistDoctorRow["mode"],
    offerMinutes: Number(row.offer_minutes),
    openHours: row.open_hours,
    openKey: row.open_key === null ? null : String(row.open_key),
  };
}

/** Sets how a doctor's waitlist works; it is looked at anew. */
export async function saveSettings(tx: Tx, { doctorId, mode, offerMinutes }: WaitlistSettings): Promise<void> {
  await tx.execute(sql`
    insert into waitlist_doctors (doctor_id, mode, offer_minutes, due_at) values (${doctorId}, ${mode}, ${offerMinutes}, 'epoch')
    on conflict (doctor_id) do update set mode = excluded.mode, offer_minutes = excluded.offer_minutes, due_at = 'epoch'`);
}

/** Keeps when a doctor works as it was just looked at; null: nobody waits, it need not be known. */
export async function saveOpenHours(tx: Tx, doctorId: string, openHours: unknown, openKey: string | null): Promise<void> {
  const hours = openHours === null ? null : JSON.stringify(openHours);
  await tx.execute(sql`
    insert into waitlist_doctors (doctor_id, open_hours, open_key) values (${doctorId}, ${hours}::jsonb, ${openKey})
    on conflict (doctor_id) do update set open_hours = excluded.open_hours, open_key = excluded.open_key`);
}

/** Says when a doctor's waitlist is to be looked at again; null: when something changes. */
export async function saveDue(tx: Tx, doctorId: string, dueMs: number | null): Promise<void> {
  await tx.execute(sql`update waitlist_doctors set due_at = ${dueMs === null ? sql`null` : at(dueMs)} where doctor_id = ${doctorId}`);
}

/** Doctors whose waitlist is to be looked at, most overdue first. */
export async function listDueWaitlists(tx: Tx, nowMs: number, limit: number): Promise<string[]> {
  const rows = await tx.execute(sql`select doctor_id from waitlist_doctors where due_at <= ${at(nowMs)} order by due_at limit ${limit}`);
  return rows.map((row) => String(row.doctor_id));
}
