import type { Tx } from "@episante/service/db";
import { sql, TransactionRollbackError } from "drizzle-orm";
import type { ImportedVisit } from "../domain/visit-import.ts";
import { takeResources } from "./resources.ts";
import { at, instant, ms } from "./rows.ts";

/** A visit to be written, with its id. */
export type NewVisit = ImportedVisit & { readonly id: string };

/** By what a repeat of the file finds a visit again. */
function keyOf({ doctorId, patientId, startMs }: ImportedVisit): string {
  return `${doctorId} ${patientId} ${instant(startMs)}`;
}

/**
 * Runs statements in a savepoint and takes everything back, locks too, unless they answer true. They find every row by an index, whatever the
 * planner thought of the tables' size when they were empty: thousands of rows that each look through all visits take minutes.
 */
export async function keepIf(tx: Tx, run: (inner: Tx) => Promise<boolean>): Promise<void> {
  try {
    await tx.transaction(async (inner) => {
      await inner.execute(sql`
        select set_config(name, 'off', true) from unnest(array['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']) as name`);
      if (!(await run(inner))) inner.rollback();
    });
  } catch (error) {
    if (!(error instanceof TransactionRollbackError)) throw error;
  }
}

/** Rows whose visit is there already: the doctor has the patient at this time, or it was imported so and may have been moved since. */
export async function findKnownRows(tx: Tx, visits: readonly ImportedVisit[]): Promise<Set<number>> {
  const wanted = visits.map((visit) => ({
    row: visit.row,
    key: keyOf(visit),
    doctor: visit.doctorId,
    patient: visit.patientId,
    start: instant(visit.startMs),
  }));
  const rows = await tx.execute(sql`
    with x as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(wanted)}::text::jsonb)
        as x ("row" integer, key text, doctor text, patient text, start timestamptz)
    )
    select x.row from x join appointments a on a.imported_as = x.key
    union
    select x.row from x join appointments a on a.patient_id = x.patient and a.starts_at = x.start and a.doctor_id = x.doctor
    where a.status <> 'entered-in-error'`);
  return new Set(rows.map((row) => Number(row.row)));
}

/** A visit whose time cannot be had, and what has it: another visit (perhaps of the same file), a hold, or no room or device is free. */
export interface LostTime {
  readonly visit: NewVisit;
  readonly by: "overlaps" | "held" | "no-resource";
  /** Id of the visit that has the time. */
  readonly otherId?: string;
}

/**
 * Takes the times of visits, in the order of the file, under the locks of their doctors and of the clinic's rooms. Expired holds are out of the way
 * first. The exclusion constraint decides.
 */
export async function takeTimes(tx: Tx, clinicId: string, visits: readonly NewVisit[], nowMs: number): Promise<LostTime[]> {
  const listed = (some: readonly NewVisit[]) =>
    sql`jsonb_to_recordset(${JSON.stringify(
      some.map(({ id, row, doctorId, busyState, busyFromMs, busyToMs }) => ({
        id,
        row,
        doctor: doctorId,
        state: busyState,
        from: instant(busyFromMs),
        to: instant(busyToMs),
      })),
    )}::text::jsonb) as x (id text, "row" integer, doctor text, state text, "from" timestamptz, "to" timestamptz)`;
  await tx.execute(sql`
    select remove_expired_holds(doctor, tstzrange(min("from"), max("to"), '[)'), ${at(nowMs)}) from ${listed(visits)} group by doctor`);
  const won = await tx.execute(sql`
    insert into busy (doctor_id, lane, during, state, holder)
    select x.doctor, 0, tstzrange(x."from", x."to", '[)'), x.state, x.id from ${listed(visits)} order by x.row
    on conflict do nothing returning id, holder`);
  const busyIds = new Map(won.map((row) => [String(row.holder), String(row.id)]));
  const lost: LostTime[] = [];
  const beaten = visits.filter(({ id }) => !busyIds.has(id));
  if (beaten.length > 0) {
    const others = await tx.execute(sql`
      select x.id, b.holder, b.state = 'hold' as is_held from ${listed(beaten)}, lateral (
        select b.holder, b.state from busy b
        where b.doctor_id = x.doctor and b.lane = 0 and b.state <> 'released' and upper(b.during) > x."from" and lower(b.during) < x."to"
        order by upper(b.during) limit 1
      ) b`);
    const byId = new Map(others.map((row) => [String(row.id), row]));
    for (const visit of beaten) {
      const other = byId.get(visit.id);
      lost.push(
        other?.is_held === true ? { visit, by: "held" } : { visit, by: "overlaps", ...(other ? { otherId: String(other.holder) } : {}) },
      );
    }
  }
  for (const visit of visits) {
    const busyId = busyIds.get(visit.id);
    if (busyId === undefined || visit.resourceTypes.length === 0) continue;
    if (!(await takeResources(tx, busyId, { clinicId, types: visit.resourceTypes }, nowMs))) lost.push({ visit, by: "no-resource" });
  }
  return lost;
}

/** Writes visits whose times are taken. What the file does not say stays open: when somebody came, why a visit was called off. */
export async function writeVisits(
  tx: Tx,
  visits: readonly NewVisit[],
  about: { clinicId: string; zone: string; accountId: string; nowMs: number },
): Promise<void> {
  const rows = JSON.stringify(
    visits.map((visit) => ({
      id: visit.id,
      doctor: visit.doctorId,
      patient: visit.patientId,
      reason: visit.reasonId,
      status: visit.status,
      start: instant(visit.startMs),
      end: instant(visit.endMs),
      until: instant(visit.cancelUntilMs),
      key: keyOf(visit),
    })),
  );
  const now = at(about.nowMs);
  await tx.execute(sql`
    insert into appointments (id, busy_id, clinic_id, doctor_id, patient_id, reason_id, status, starts_at, ends_at, zone, cancel_until, booked_at,
      booked_by, cancelled_at, cancelled_by, cancelled_kind, excused, noshow_at, imported_as)
    select x.id, b.id, ${about.clinicId}, x.doctor, x.patient, x.reason, x.status, x.start, x.end, ${about.zone}, x.until, ${now},
      ${about.accountId}, case when x.status = 'cancelled' then ${now} end, case when x.status = 'cancelled' then ${about.accountId} end,
      case when x.status = 'cancelled' then 'staff' end, case when x.status = 'noshow' then false end,
      case when x.status = 'noshow' then x.start end, x.key
    from jsonb_to_recordset(${rows}::text::jsonb) as x (id text, doctor text, patient text, reason text, status text, start timestamptz,
      "end" timestamptz, until timestamptz, key text)
    join busy b on b.holder = x.id`);
}

/** A visit as an export writes one. */
export interface ExportedVisit {
  readonly id: string;
  readonly doctorId: string;
  readonly patientId: string;
  readonly reasonId: string;
  readonly status: string;
  readonly startMs: number;
  readonly minutes: number;
}

/** Visits of a clinic that begin in a period, in order of start; without those entered in error. @param query.after the last one of the page before */
export async function listForExport(
  tx: Tx,
  query: { clinicId: string; fromMs: number; toMs: number; after?: { startMs: number; id: string }; limit: number },
): Promise<ExportedVisit[]> {
  const after = query.after ? sql`and (a.starts_at, a.id) > (${at(query.after.startMs)}, ${query.after.id})` : sql``;
  const rows = await tx.execute(sql`
    select a.id, a.doctor_id, a.patient_id, a.reason_id, a.status, ${ms(sql`a.starts_at`)} as start_ms,
      (extract(epoch from a.ends_at - a.starts_at) / 60)::float8 as minutes
    from appointments a where a.clinic_id = ${query.clinicId} and a.starts_at >= ${at(query.fromMs)} and a.starts_at < ${at(query.toMs)}
      and a.status <> 'entered-in-error' ${after}
    order by a.starts_at, a.id limit ${query.limit}`);
  return rows.map((row) => ({
    id: String(row.id),
    doctorId: String(row.doctor_id),
    patientId: String(row.patient_id),
    reasonId: String(row.reason_id),
    status: String(row.status),
    startMs: Number(row.start_ms),
    minutes: Number(row.minutes),
  }));
}
