import type { doctorItemSchema } from "@episante/contracts/doctor";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";

export type DoctorItem = z.infer<typeof doctorItemSchema>;
/** A listed doctor with its place in the order asked for. */
export interface Listed {
  readonly item: DoctorItem;
  readonly sortKey: string;
}
export interface DirectoryQuery {
  readonly nowMs: number;
  readonly doctorId?: string;
  readonly words?: readonly string[];
  readonly specialty?: string | undefined;
  readonly language?: string | undefined;
  readonly near?: { lat: number; lng: number } | undefined;
  readonly radiusKm?: number | undefined;
  readonly sort?: "earliest" | "distance" | "name";
  readonly after?: { key: string; doctorId: string } | undefined;
  readonly limit: number;
}

/** Great-circle distance in km (haversine, mean Earth radius 6371.0088 km as in IUGG). */
function distanceKm({ lat, lng }: { lat: number; lng: number }): SQL {
  return sql`(2 * 6371.0088 * asin(sqrt(least(1, power(sin(radians(p.lat - ${lat}::float8) / 2), 2)
    + cos(radians(${lat}::float8)) * cos(radians(p.lat)) * power(sin(radians(p.lng - ${lng}::float8) / 2), 2)))))`;
}

/** Published doctors that match, in order. Openings that have passed or whose reason is closed meanwhile are skipped. */
export async function listDoctors(tx: Tx, query: DirectoryQuery): Promise<Listed[]> {
  const distance = query.near ? distanceKm(query.near) : sql`null::float8`;
  const conditions: SQL[] = [sql`d.published_at is not null`, sql`d.is_active`];
  if (query.doctorId) conditions.push(sql`d.doctor_id = ${query.doctorId}`);
  if (query.specialty) conditions.push(sql`d.specialty = ${query.specialty}`);
  if (query.language) conditions.push(sql`d.languages ? ${query.language}`);
  for (const word of query.words ?? []) conditions.push(sql`d.search_text like ${`% ${word}%`}`);
  if (query.near && query.radiusKm !== undefined) conditions.push(sql`${distance} <= ${query.radiusKm}`);
  const keys = {
    earliest: sql`coalesce(n.start, '~')`,
    distance: sql`lpad(round(${distance} * 1000)::bigint::text, 12, '0')`,
    name: sql`d.name_key`,
  };
  const key = keys[query.sort ?? "name"];
  const after = query.after
    ? sql`where (sort_key collate "C", doctor_id collate "C") > (${query.after.key}, ${query.after.doctorId})`
    : sql``;
  const rows = await tx.execute(sql`
    select * from (
      select d.doctor_id, d.clinic_id, d.given_name, d.family_name, d.specialty, d.languages, d.sector, d.wheelchair, d.accepts_new, d.about,
        c.name as clinic_name, c.city, c.phone, c.zone, p.address, p.lat, p.lng, n.start as next_start, n.reason_id as next_reason_id,
        ${distance} as distance_km, ${key} as sort_key
      from doctors d join clinics c using (clinic_id)
      cross join lateral (select coalesce(d.address, c.address) as address, coalesce(d.lat, c.lat) as lat, coalesce(d.lng, c.lng) as lng) p
      left join lateral (
        select to_char(o.starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as start, o.reason_id
        from openings o join reasons r on r.id = o.reason_id and r.retired_at is null and r.is_online
        where o.doctor_id = d.doctor_id and o.starts_at > ${new Date(query.nowMs).toISOString()}::timestamptz
        order by o.starts_at, r.position limit 1
      ) n on true
      where ${sql.join(conditions, sql` and `)}
    ) listed ${after}
    order by sort_key collate "C", doctor_id collate "C" limit ${query.limit}`);
  return rows.map((row) => ({ item: toItem(row), sortKey: String(row.sort_key) }));
}

function toItem(row: Record<string, unknown>): DoctorItem {
  return {
    id: String(row.doctor_id) as DoctorItem["id"],
    clinicId: String(row.clinic_id) as DoctorItem["clinicId"],
    givenName: String(row.given_name),
    familyName: String(row.family_name),
    specialty: row.specialty as DoctorItem["specialty"],
    languages: row.languages as string[],
    clinicName: String(row.clinic_name),
    address: String(row.address),
    city: String(row.city),
    phone: String(row.phone),
    zone: String(row.zone),
    lat: Number(row.lat),
    lng: Number(row.lng),
    sector: row.sector as DoctorItem["sector"],
    wheelchair: row.wheelchair === true,
    acceptsNew: row.accepts_new === true,
    ...(row.about ? { about: row.about as NonNullable<DoctorItem["about"]> } : {}),
    ...(row.next_start
      ? { nextSlotAt: String(row.next_start), nextReasonId: String(row.next_reason_id) as NonNullable<DoctorItem["nextReasonId"]> }
      : {}),
    ...(row.distance_km === null ? {} : { distanceKm: Math.round(Number(row.distance_km) * 10) / 10 }),
  };
}
