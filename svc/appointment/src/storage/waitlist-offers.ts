import type { AppointmentId, ClinicId, DoctorId, Id, PatientId, ReasonId } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { AppointmentRow } from "./appointments.ts";
import { at, ms } from "./rows.ts";

/** A time offered to somebody who waits. Instants in ms since the epoch. */
export interface OfferRow {
  readonly id: Id<"wof">;
  readonly entryId: Id<"wle">;
  readonly clinicId: ClinicId;
  readonly patientId: PatientId;
  readonly doctorId: DoctorId;
  readonly reasonId: ReasonId;
  readonly startMs: number;
  readonly endMs: number;
  readonly zone: string;
  readonly untilMs: number;
  readonly isHeld: boolean;
  readonly status: "open" | "accepted" | "declined" | "expired" | "withdrawn";
}

const columns = sql`o.id, o.entry_id, o.clinic_id, o.patient_id, o.doctor_id, o.reason_id, o.zone, o.is_held, o.status,
  ${ms(sql`o.starts_at`)} as start_ms, ${ms(sql`o.ends_at`)} as end_ms, ${ms(sql`o.until_at`)} as until_ms`;

function toOffer(row: Record<string, unknown>): OfferRow {
  return {
    id: String(row.id) as Id<"wof">,
    entryId: String(row.entry_id) as Id<"wle">,
    clinicId: String(row.clinic_id) as ClinicId,
    patientId: String(row.patient_id) as PatientId,
    doctorId: String(row.doctor_id) as DoctorId,
    reasonId: String(row.reason_id) as ReasonId,
    startMs: Number(row.start_ms),
    endMs: Number(row.end_ms),
    zone: String(row.zone),
    untilMs: Number(row.until_ms),
    isHeld: row.is_held === true,
    status: row.status as OfferRow["status"],
  };
}

/** Stores an open offer. @returns false when the entry has one already */
export async function insertOffer(tx: Tx, offer: Omit<OfferRow, "status">, nowMs: number): Promise<boolean> {
  const made = await tx.execute(sql`
    insert into waitlist_offers (id, entry_id, clinic_id, patient_id, doctor_id, reason_id, starts_at, ends_at, zone, until_at, is_held, offered_at)
    values (${offer.id}, ${offer.entryId}, ${offer.clinicId}, ${offer.patientId}, ${offer.doctorId}, ${offer.reasonId}, ${at(offer.startMs)},
            ${at(offer.endMs)}, ${offer.zone}, ${at(offer.untilMs)}, ${offer.isHeld}, ${at(nowMs)})
    on conflict do nothing returning id`);
  return made.length > 0;
}

/** An offer that the grant lets be seen, or null. `lock` keeps it from changing until the transaction ends. */
export async function findOffer(tx: Tx, id: string, { lock = false } = {}): Promise<OfferRow | null> {
  const [row] = await tx.execute(sql`select ${columns} from waitlist_offers o where o.id = ${id} ${lock ? sql`for update` : sql``}`);
  return row ? toOffer(row) : null;
}

/** Open offers of these entries. */
export async function listOffersOf(tx: Tx, entryIds: readonly string[]): Promise<OfferRow[]> {
  const wanted = sql`select jsonb_array_elements_text(${JSON.stringify(entryIds)}::jsonb)`;
  const rows = await tx.execute(sql`select ${columns} from waitlist_offers o where o.status = 'open' and o.entry_id in (${wanted})`);
  return rows.map(toOffer);
}

/** Open offers of a doctor's time. */
export async function listOpenOffers(tx: Tx, doctorId: string): Promise<OfferRow[]> {
  const rows = await tx.execute(
    sql`select ${columns} from waitlist_offers o where o.status = 'open' and o.doctor_id = ${doctorId} order by o.until_at`,
  );
  return rows.map(toOffer);
}

/** Ends an open offer. */
export async function saveOfferEnd(
  tx: Tx,
  id: string,
  end: { status: Exclude<OfferRow["status"], "open">; appointmentId?: AppointmentId; nowMs: number },
): Promise<void> {
  await tx.execute(sql`
    update waitlist_offers set status = ${end.status}, ended_at = ${at(end.nowMs)}, appointment_id = ${end.appointmentId ?? null}
    where id = ${id} and status = 'open'`);
}

/** Gives back the time an offer holds, under the doctor's lock. */
export async function releaseOffered(tx: Tx, offer: Pick<OfferRow, "id" | "doctorId">, nowMs: number): Promise<void> {
  const [row] = await tx.execute(
    sql`update busy set expires_at = ${at(nowMs)} where holder = ${offer.id} and state = 'hold' returning during::text as during`,
  );
  if (row) await tx.execute(sql`select remove_expired_holds(${offer.doctorId}, ${String(row.during)}::tstzrange, ${at(nowMs)})`);
}

/** Makes the held time of an offer a visit's. @returns the id of the taken row, or null when nothing is held any more */
export async function takeOffered(tx: Tx, offerId: string, visitId: string): Promise<string | null> {
  const [row] = await tx.execute(sql`
    update busy set state = 'booked', expires_at = null, holder = ${visitId} where holder = ${offerId} and state = 'hold' returning id`);
  return row ? String(row.id) : null;
}

/** Writes a visit whose time was just taken. */
export async function insertVisit(tx: Tx, visit: AppointmentRow, busyId: string, bookedBy: string): Promise<void> {
  await tx.execute(sql`
    insert into appointments (id, busy_id, clinic_id, doctor_id, patient_id, reason_id, status, starts_at, ends_at, zone, cancel_until, booked_at, booked_by)
    values (${visit.id}, ${busyId}::bigint, ${visit.clinicId}, ${visit.doctorId}, ${visit.patientId}, ${visit.reasonId}, ${visit.status},
            ${at(visit.startMs)}, ${at(visit.endMs)}, ${visit.zone}, ${at(visit.cancelUntilMs)}, ${at(visit.bookedMs)}, ${bookedBy})`);
}

/** When the next hold of a doctor ends, ms, or null. */
export async function nextHoldEnd(tx: Tx, doctorId: string, nowMs: number): Promise<number | null> {
  const [row] = await tx.execute(sql`
    select ${ms(sql`min(expires_at)`)} as end_ms from busy where doctor_id = ${doctorId} and state = 'hold' and expires_at > ${at(nowMs)}`);
  return row?.end_ms == null ? null : Number(row.end_ms);
}
