import type { Appointment } from "@episante/contracts/appointment";
import type { AppointmentId, ClinicId, DoctorId, Id, PatientId, ReasonId } from "@episante/contracts/ids";
import { toInstant } from "@episante/contracts/time";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import { lastInstant } from "../domain/visit.ts";
import { at, ms } from "./rows.ts";

/** Who did something, without a name. */
export type ActorKind = "patient" | "relative" | "staff" | "doctor" | "system";
/** By which way: the patient's own screens, the clinic, or the machine by itself. */
export type Channel = "online" | "clinic" | "system";
/** Where a visit was. */
export interface Place {
  readonly doctorId: string;
  readonly start: string;
  readonly end: string;
}

/** A visit with all that happened to it. Instants in ms since the epoch. */
export interface VisitRow {
  readonly id: AppointmentId;
  readonly clinicId: ClinicId;
  readonly doctorId: DoctorId;
  readonly patientId: PatientId;
  readonly reasonId: ReasonId;
  readonly status: Appointment["status"];
  readonly startMs: number;
  readonly endMs: number;
  readonly zone: string;
  readonly bookedMs: number;
  readonly channel: Channel | null;
  /** It came with a file of the clinic. */
  readonly isImported: boolean;
  /** Last instant at which the patient may cancel, as it was when the visit got its time. */
  readonly cancelUntilMs: number;
  /** Hours before the start until which the patient may move, and cancel: the reason's now. */
  readonly moveHours: number;
  readonly cancelHours: number;
  readonly cancelledMs: number | null;
  readonly cancelReason: string | null;
  readonly cancelledKind: ActorKind | null;
  readonly confirmedMs: number | null;
  readonly arrivedMs: number | null;
  readonly inRoomMs: number | null;
  readonly doneMs: number | null;
  readonly excused: boolean | null;
  readonly lane: number;
  readonly overbookedReason: string | null;
  /** Its rooms and devices. */
  readonly resourceIds: readonly string[];
  /** Its series, and which of how many it was booked as. */
  readonly seriesPlace: { readonly id: Id<"ser">; readonly number: number; readonly size: number } | null;
  readonly movedFrom: (Place & { readonly at: string }) | null;
  readonly sequence: number;
  readonly version: number;
}

/** A visit as the API shows it. That and why it is overbooked, and its rooms, are for the clinic: patients see neither. */
export function toVisit(row: VisitRow, isForMember: boolean): Appointment {
  const instant = (value: number | null) => (value === null ? undefined : toInstant(value));
  const shown: Appointment = {
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
    moveUntil: toInstant(lastInstant(row.startMs, row.moveHours)),
    channel: row.channel ?? undefined,
    cancelledAt: instant(row.cancelledMs),
    cancelReason: row.cancelReason ?? undefined,
    cancelledBy: row.cancelledKind ?? undefined,
    arrivedAt: instant(row.arrivedMs),
    inRoomAt: instant(row.inRoomMs),
    confirmedAt: instant(row.confirmedMs),
    doneAt: instant(row.doneMs),
    excused: row.excused ?? undefined,
    ...(row.seriesPlace ? { seriesId: row.seriesPlace.id, occurrence: { number: row.seriesPlace.number, of: row.seriesPlace.size } } : {}),
    movedFrom: (row.movedFrom as Appointment["movedFrom"]) ?? undefined,
    sequence: row.sequence,
    version: row.version,
  };
  if (!isForMember) return shown;
  return {
    ...shown,
    ...(row.resourceIds.length > 0 ? { resourceIds: row.resourceIds as Appointment["resourceIds"] } : {}),
    ...(row.lane > 0 ? { overbooked: true, overbookedReason: row.overbookedReason ?? undefined } : {}),
  };
}

const columns = sql`a.id, a.clinic_id, a.doctor_id, a.patient_id, a.reason_id, a.status, a.zone, a.channel, a.imported_as is not null as is_imported, a.cancel_reason, a.cancelled_kind,
  a.excused, a.overbooked_reason, a.moved_from, a.sequence, a.version, a.series_id, a.series_number, a.series_size, b.lane,
  array(select x.doctor_id from busy x where x.part_of = b.id and x.state <> 'released' order by x.doctor_id) as resource_ids,
  coalesce(r.move_hours, r.cancel_hours, 0) as move_hours, coalesce(r.cancel_hours, 0) as cancel_hours,
  ${ms(sql`a.starts_at`)} as start_ms, ${ms(sql`a.ends_at`)} as end_ms, ${ms(sql`a.cancel_until`)} as cancel_until_ms,
  ${ms(sql`a.booked_at`)} as booked_ms, ${ms(sql`a.cancelled_at`)} as cancelled_ms, ${ms(sql`a.arrived_at`)} as arrived_ms,
  ${ms(sql`a.in_room_at`)} as in_room_ms, ${ms(sql`a.done_at`)} as done_ms,
  ${ms(sql`a.confirmed_at`)} as confirmed_ms`;
const tables = sql`appointments a join busy b on b.id = a.busy_id left join reasons r on r.reason_id = a.reason_id`;

const numberOrNull = (value: unknown) => (value === null ? null : Number(value));
const textOrNull = (value: unknown) => (value === null ? null : String(value));

function fromRow(row: Record<string, unknown>): VisitRow {
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
    bookedMs: Number(row.booked_ms),
    channel: row.channel as Channel | null,
    cancelUntilMs: Number(row.cancel_until_ms),
    moveHours: Number(row.move_hours),
    cancelHours: Number(row.cancel_hours),
    cancelledMs: numberOrNull(row.cancelled_ms),
    cancelReason: textOrNull(row.cancel_reason),
    isImported: row.is_imported === true,
    cancelledKind: row.cancelled_kind as ActorKind | null,
    arrivedMs: numberOrNull(row.arrived_ms),
    inRoomMs: numberOrNull(row.in_room_ms),
    doneMs: numberOrNull(row.done_ms),
    excused: row.excused as boolean | null,
    lane: Number(row.lane),
    confirmedMs: numberOrNull(row.confirmed_ms),
    overbookedReason: textOrNull(row.overbooked_reason),
    resourceIds: row.resource_ids as string[],
    seriesPlace:
      row.series_id === null
        ? null
        : { id: String(row.series_id) as Id<"ser">, number: Number(row.series_number), size: Number(row.series_size) },
    movedFrom: row.moved_from as VisitRow["movedFrom"],
    sequence: Number(row.sequence),
    version: Number(row.version),
  };
}

/** A visit that the transaction's grant lets be seen, or null. `lock` keeps it from changing until the transaction ends. */
export async function findVisit(tx: Tx, id: string, { lock = false } = {}): Promise<VisitRow | null> {
  const [row] = await tx.execute(sql`select ${columns} from ${tables} where a.id = ${id} ${lock ? sql`for update of a` : sql``}`);
  return row ? fromRow(row) : null;
}

/** The visits of these ids that the grant lets be seen, in order of start. */
export async function findVisits(tx: Tx, ids: readonly string[]): Promise<VisitRow[]> {
  const wanted = sql`select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)`;
  const rows = await tx.execute(sql`select ${columns} from ${tables} where a.id in (${wanted}) order by a.starts_at, a.id`);
  return rows.map(fromRow);
}

/** Visits that the grant lets be seen, in order of start. `after` continues behind a visit; one more than `limit` may be asked for to see whether there is more. */
export async function listVisits(
  tx: Tx,
  query: {
    fromMs?: number | undefined;
    toMs?: number | undefined;
    doctorId?: string | undefined;
    patientId?: string | undefined;
    after?: { startMs: number; id: string } | undefined;
    limit: number;
  },
): Promise<VisitRow[]> {
  const conditions: SQL[] = [sql`true`];
  if (query.fromMs !== undefined) conditions.push(sql`a.ends_at > ${at(query.fromMs)}`);
  if (query.toMs !== undefined) conditions.push(sql`a.starts_at < ${at(query.toMs)}`);
  if (query.doctorId !== undefined) conditions.push(sql`a.doctor_id = ${query.doctorId}`);
  if (query.patientId !== undefined) conditions.push(sql`a.patient_id = ${query.patientId}`);
  if (query.after) conditions.push(sql`(a.starts_at, a.id) > (${at(query.after.startMs)}, ${query.after.id})`);
  const rows = await tx.execute(
    sql`select ${columns} from ${tables} where ${sql.join(conditions, sql` and `)} order by a.starts_at, a.id limit ${query.limit}`,
  );
  return rows.map(fromRow);
}

/** Marks a visit cancelled: who, when and why are kept. */
export async function saveCancelled(
  tx: Tx,
  id: string,
  by: { accountId: string; kind: ActorKind; reason: string | undefined; nowMs: number },
): Promise<void> {
  await tx.execute(sql`
    update appointments set status = 'cancelled', cancelled_at = ${at(by.nowMs)}, cancelled_by = ${by.accountId},
      cancelled_kind = ${by.kind}, cancel_reason = ${by.reason ?? null}
    where id = ${id}`);
}

/** Keeps when the patient said to come; said again it stays as it was. */
export async function saveConfirmed(tx: Tx, id: string, nowMs: number): Promise<void> {
  await tx.execute(sql`update appointments set confirmed_at = ${at(nowMs)} where id = ${id} and confirmed_at is null`);
}
