import type { Resource } from "@episante/contracts/resource";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { Interval } from "../domain/calendar.ts";
import type { Question } from "../domain/rules.ts";
import { at, ms, texts } from "./rows.ts";

/** What a visit needs beside its doctor: one free room or device of each kind. */
export interface Needs {
  readonly clinicId: string;
  readonly types: readonly string[];
}

function toResource(row: Record<string, unknown>): Resource {
  return {
    id: String(row.id) as Resource["id"],
    clinicId: String(row.clinic_id) as Resource["clinicId"],
    name: String(row.name),
    type: String(row.type),
    isActive: row.is_active === true,
  };
}

/** A clinic's rooms and devices by name, retired ones too. */
export async function listResources(tx: Tx, clinicId: string): Promise<Resource[]> {
  return (await tx.execute(sql`select * from resources where clinic_id = ${clinicId} order by name, id`)).map(toResource);
}

/** A room or device, or null. */
export async function findResource(tx: Tx, id: string): Promise<Resource | null> {
  const [row] = await tx.execute(sql`select * from resources where id = ${id}`);
  return row ? toResource(row) : null;
}

/** Stores a room or device, and that the openings of doctors who may need it must be worked out again. Under the clinic's lock. */
export async function saveResource(tx: Tx, { id, clinicId, name, type, isActive }: Resource): Promise<void> {
  await tx.execute(sql`
    insert into resources (id, clinic_id, name, type, is_active) values (${id}, ${clinicId}, ${name}, ${type}, ${isActive})
    on conflict (id) do update set name = excluded.name, type = excluded.type, is_active = excluded.is_active`);
  await tx.execute(sql`update resource_plans set due_at = 'epoch' where clinic_id = ${clinicId}`);
}

/** Makes sure that a clinic has a lock, and takes it: nobody takes or changes its rooms and devices until the transaction ends. */
export async function openResources(tx: Tx, clinicId: string): Promise<void> {
  await tx.execute(sql`insert into resource_plans (clinic_id) values (${clinicId}) on conflict do nothing`);
  await lockClinicResources(tx, clinicId);
}

/** Locks the rooms and devices of a clinic: behind the locks of the doctors, before anything else is written. */
export async function lockClinicResources(tx: Tx, clinicId: string): Promise<void> {
  await tx.execute(sql`select lock_resources(array[${clinicId}::text])`);
}

/** The same if any are needed. */
export async function lockResources(tx: Tx, { clinicId, types }: Needs): Promise<void> {
  if (types.length > 0) await lockClinicResources(tx, clinicId);
}

/** Gives a taken time its rooms and devices, for that time and state, in place of those it has. @returns false when a kind has none free */
export async function takeResources(tx: Tx, busyId: string, { clinicId, types }: Needs, nowMs: number): Promise<boolean> {
  const wanted = sql`coalesce(${texts(types)}, '{}')`;
  const [row] = await tx.execute(sql`select take_resources(${busyId}::bigint, ${clinicId}, ${wanted}, ${at(nowMs)}) as is_complete`);
  return row?.is_complete === true;
}

/**
 * Taken times of every active room and device of the needed kinds. Undefined when nothing is needed.
 * @param query `own`: whose own holds with a doctor count as free; `withHolds: false` leaves holds out
 */
export async function listResourceTimes(
  tx: Tx,
  { clinicId, types }: Needs,
  query: Interval & { nowMs: number; own?: { accountId: string; doctorId: string }; withHolds?: boolean },
): Promise<Question["resources"]> {
  if (types.length === 0) return undefined;
  const { own, nowMs } = query;
  const states = query.withHolds === false ? sql`b.state <> 'hold'` : sql`(b.expires_at is null or b.expires_at > ${at(nowMs)})`;
  const notOwn = own
    ? sql`and not exists (select 1 from holds h where h.busy_id = b.part_of and b.state = 'hold' and h.account_id = ${own.accountId} and h.doctor_id = ${own.doctorId})`
    : sql``;
  const rows = await tx.execute(sql`
    select r.id, r.type, ${ms(sql`lower(b.during)`)} as start_ms, ${ms(sql`upper(b.during)`)} as end_ms
    from resources r left join busy b on b.doctor_id = r.id and b.state <> 'released' and upper(b.during) > ${at(query.startMs)}
      and lower(b.during) < ${at(query.endMs)} and ${states} ${notOwn}
    where r.clinic_id = ${clinicId} and r.is_active and r.type = any (${texts(types)}::text[])`);
  const byType: Record<string, Interval[][]> = {};
  for (const [type, ofType] of Map.groupBy(rows, (row) => String(row.type))) {
    byType[type] = [...Map.groupBy(ofType, (row) => String(row.id)).values()].map((ofOne) =>
      ofOne.flatMap((row) => (row.start_ms === null ? [] : { startMs: Number(row.start_ms), endMs: Number(row.end_ms) })),
    );
  }
  return byType;
}

/** Clinics whose rooms or devices changed hands since their doctors' openings were called due. */
export async function listDueClinics(tx: Tx, nowMs: number): Promise<string[]> {
  const rows = await tx.execute(sql`select clinic_id from resource_plans where due_at <= ${at(nowMs)}`);
  return rows.map((row) => String(row.clinic_id));
}

/** Calls the openings of a clinic's doctors due that have a reason for which a room or device is needed. Locks them as bookings do. */
export async function callOpeningsDue(tx: Tx, clinicId: string, nowMs: number): Promise<void> {
  const doctors = await tx.execute(sql`
    select d.doctor_id from doctors d where d.clinic_id = ${clinicId} and d.is_active and exists (
      select 1 from reasons r where r.doctor_id = d.doctor_id and r.retired_at is null and cardinality(r.resource_types) > 0)
    order by d.doctor_id for update`);
  await tx.execute(sql`update resource_plans set due_at = null where clinic_id = ${clinicId}`);
  for (const { doctor_id: doctorId } of doctors)
    await tx.execute(sql`
      insert into published_openings (doctor_id, openings, due_at) values (${String(doctorId)}, '[]', ${at(nowMs)})
      on conflict (doctor_id) do update set due_at = least(published_openings.due_at, excluded.due_at)`);
}
