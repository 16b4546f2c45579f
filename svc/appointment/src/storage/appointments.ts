import type { Appointment } from "@episante/contracts/appointment";
import type { AppointmentId, ClinicId, DoctorId, PatientId, ReasonId } from "@episante/contracts/ids";
import { toInstant } from "@episante/contracts/time";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import { at, ms } from "./rows.ts";

/** A visit as stored. */
export interface AppointmentRow {
  readonly id: AppointmentId;
  readonly clinicId: ClinicId;
  readonly doctorId: DoctorId;
  readonly patientId: PatientId;
  readonly reasonId: ReasonId;
  readonly status: Appointment["status"];
  readonly startMs: number;
  readonly endMs: number;
  readonly zone: string;
  readonly cancelUntilMs: number;
  readonly bookedMs: number;
  readonly cancelledMs: number | null;
  readonly cancelReason: string | null;
}

/** The visit as the API shows it. */
export function toAppointment(row: AppointmentRow): Appointment {
  return {
    id: row.id,
    status: row.status,
    start: toInstant(row.startMs),
    end: toInstant(row.endMs),
    zone: row.zone,
    doctorId: row.doctorId,
    patientId: row.patientId,
    reasonId: row.reasonId,
    bookedAt: toInstant(row.bookedMs),
    cancelUntil: toInstant(row.cancelUntilMs),
    ...(row.cancelledMs === null ? {} : { cancelledAt: toInstant(row.cancelledMs) }),
    ...(row.cancelReason === null ? {} : { cancelReason: row.cancelReason }),
  };
}

const columns = sql`a.id, a.clinic_id, a.doctor_id, a.patient_id, a.reason_id, a.status, a.zone, a.cancel_reason,
  ${ms(sql`a.starts_at`)} as start_ms, ${ms(sql`a.ends_at`)} as end_ms, ${ms(sql`a.cancel_until`)} as cancel_until_ms,
  ${ms(sql`a.booked_at`)} as booked_ms, ${ms(sql`a.cancelled_at`)} as cancelled_ms`;

function fromRow(row: Record<string, unknown>): AppointmentRow {
  return {
    id: String(row.id) as AppointmentId,
    clinicId: String(row.clinic_id) as ClinicId,
    doctorId: String(row.doctor_id) as DoctorId,
    patientId: String(row.patient_id) as PatientId,
    reasonId: String(row.reason_id) as ReasonId,
    status: String(row.status) as Appointment["status"],
    startMs: Number(row.start_ms),
    endMs: Number(row.end_ms),
    zone: String(row.zone),
    cancelUntilMs: Number(row.cancel_until_ms),
    bookedMs: Number(row.booked_ms),
    cancelledMs: row.cancelled_ms === null ? null : Number(row.cancelled_ms),
    cancelReason: row.cancel_reason === null ? null : String(row.cancel_reason),
  };
}

/** A visit that the transaction's grant lets be seen, or null. `lock` keeps it from changing until the transaction ends. */
export async function findAppointment(tx: Tx, id: string, { lock = false } = {}): Promise<AppointmentRow | null> {
  const [row] = await tx.execute(sql`select ${columns} from appointments a where a.id = ${id} ${lock ? sql`for update` : sql``}`);
  return row ? fromRow(row) : null;
}

/** Marks a visit cancelled: who, when and why are kept. */
export async function markCancelled(
  tx: Tx,
  id: string,
  by: { accountId: string; reason: string | undefined; nowMs: number },
): Promise<void> {
  await tx.execute(sql`
    update appointments set status = 'cancelled', cancelled_at = ${at(by.nowMs)}, cancelled_by = ${by.accountId}, cancel_reason = ${by.reason ?? null}
    where id = ${id}`);
}

/** Visits that the grant lets be seen, in order of start. `after` continues behind a visit; one more than `limit` may be asked for to see whether there is more. */
export async function listAppointments(
  tx: Tx,
  query: {
    fromMs?: number | undefined;
    toMs?: number | undefined;
    doctorId?: string | undefined;
    patientId?: string | undefined;
    after?: { startMs: number; id: string } | undefined;
    limit: number;
  },
): Promise<AppointmentRow[]> {
  const conditions: SQL[] = [sql`true`];
  if (query.fromMs !== undefined) conditions.push(sql`a.ends_at > ${at(query.fromMs)}`);
  if (query.toMs !== undefined) conditions.push(sql`a.starts_at < ${at(query.toMs)}`);
  if (query.doctorId !== undefined) conditions.push(sql`a.doctor_id = ${query.doctorId}`);
  if (query.patientId !== undefined) conditions.push(sql`a.patient_id = ${query.patientId}`);
  if (query.after) conditions.push(sql`(a.starts_at, a.id) > (${at(query.after.startMs)}, ${query.after.id})`);
  const rows = await tx.execute(
    sql`select ${columns} from appointments a where ${sql.join(conditions, sql` and `)} order by a.starts_at, a.id limit ${query.limit}`,
  );
  return rows.map(fromRow);
}
