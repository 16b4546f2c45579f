import type { doctorItemSchema, searchDoctors } from "@episante/contracts/doctor";
import type { AnswerOf } from "@episante/contracts/endpoint";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Position, Sort, WantedWord } from "../domain/search.ts";

export type DoctorItem = z.infer<typeof doctorItemSchema>;
/** The directory is public and without row-level security: it is read outside a transaction, in one round trip. */
export type Reader = Pick<Tx, "execute">;
/** A listed doctor with its place in the order asked for. */
export interface Listed {
  readonly item: AnswerOf<typeof searchDoctors>["items"][number];
  readonly position: Position;
}
export interface DirectoryQuery {
  readonly nowMs: number;
  readonly words?: readonly WantedWord[];
  readonly specialty?: string | undefined;
  readonly language?: string | undefined;
  readonly sector?: string | undefined;
  readonly acceptsNew?: boolean;
  readonly wheelchair?: boolean;
  readonly near?: { lat: number; lng: number } | undefined;
  readonly radiusKm?: number | undefined;
  /** Only doctors with such a reason, and only its openings count. */
  readonly reasonWords?: readonly WantedWord[];
  readonly video?: boolean;
  readonly before?: string | undefined;
  readonly sort: Sort;
  readonly after?: Position | undefined;
  readonly limit: number;
}

/** Mean Earth radius, km (IUGG). */
const earthKm = 6371.0088;
const kmPerDegree = (earthKm * Math.PI) / 180;
const openReason = sql`r.retired_at is null and r.is_online`;
const isVideo = sql`r.rules ->> 'mode' = 'video'`;
const isListed = sql`d.published_at is not null and d.is_active and d.at_lat is not null`;
const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;
/** Keys hold neither quotes nor backslashes. */
const textArray = (keys: readonly string[]) => sql`${`{${keys.map((key) => `"${key}"`).join(",")}}`}::text[]`;
const all = (conditions: readonly SQL[]) => sql.join([...conditions], sql` and `);

/** RFC 3339, or `infinity`. */
const instantText = (column: SQL) =>
  sql`case when ${column} = 'infinity' then 'infinity' else to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end`;
/** Next opening of reason `r`. Where the stored one has passed and the job was not here yet, the next one is looked up. */
const nextOfReason = (now: SQL) => sql`case when r.next_at > ${now} then r.next_at
  else coalesce((select min(o.starts_at) from openings o where o.reason_id = r.id and o.starts_at > ${now}), 'infinity') end`;
/** Next opening `n` of doctor `d` over the reasons that are offered, if there is one. */
const nextOpening = (now: SQL, offered: SQL) => sql`
  left join lateral (
    select * from (
      select ${nextOfReason(now)} as starts_at, r.id as reason_id, r.position from reasons r where r.doctor_id = d.doctor_id and ${offered}
    ) one where starts_at < 'infinity' order by starts_at, position limit 1
  ) n on true`;
/** What a list shows of doctor `d`, the clinic `c` and the next opening `n`. */
const shown = sql`d.doctor_id, d.clinic_id, d.given_name, d.family_name, d.specialty, d.languages, d.sector, d.wheelchair, d.accepts_new, d.about,
  coalesce(d.address, c.address) as address, d.at_lat, d.at_lng, c.name as clinic_name, c.city, c.phone, c.zone,
  ${instantText(sql`n.starts_at`)} as next_start, n.reason_id as next_reason_id,
  exists (select 1 from reasons r where r.doctor_id = d.doctor_id and ${openReason} and ${isVideo}) as video`;

/** Great-circle distance in km (haversine). */
function distanceKm({ lat, lng }: { lat: number; lng: number }): SQL {
  return sql`(2 * ${sql.raw(String(earthKm))} * asin(sqrt(least(1, power(sin(radians(d.at_lat - ${lat}::float8) / 2), 2)
    + cos(radians(${lat}::float8)) * cos(radians(d.at_lat)) * power(sin(radians(d.at_lng - ${lng}::float8) / 2), 2)))))`;
}

/** Doctors under whom every word is found, as typed (tier 0) or with a typing error (tier 1). */
function matched(words: readonly WantedWord[]): SQL {
  const found = (keysOf: (word: WantedWord) => readonly string[]) =>
    sql.join(
      words.map((word) => sql`select doctors_under(${textArray(keysOf(word))}) as doctor_id`),
      sql` intersect `,
    );
  const exact = sql`select doctor_id, 0 as tier from (${found(({ exact }) => exact)}) hit`;
  if (words.every(({ close }) => close.length === 0)) return exact;
  return sql`select doctor_id, min(tier) as tier from (
    ${exact} union all select doctor_id, 1 from (${found(({ exact, close }) => [...exact, ...close])}) near_hit) hit group by doctor_id`;
}

/** Open online reasons `r` with all these words; by the index for the first, the others are few. */
function reasonsWith([first, ...others]: readonly WantedWord[]): SQL {
  const reasons = first ? sql`reasons_under(${textArray(first.exact)}) r` : sql`reasons r`;
  return sql`${reasons} where ${all([openReason, ...others.map(hasWord)])}`;
}
const hasWord = ({ exact }: WantedWord) => sql`r.keys && ${textArray(exact)}`;

/** One statement: a page of published doctors that match, in order, each with the next opening that has not passed. */
export function directoryPage(query: DirectoryQuery): SQL {
  const { words = [], reasonWords = [], near, radiusKm, sort, after } = query;
  const now = at(query.nowMs);
  const wantsOffer = query.video || reasonWords.length > 0;
  const ofMode = query.video ? [isVideo] : [];
  const offered = all([openReason, ...ofMode, ...reasonWords.map(hasWord)]);
  const laterOfDoctor = sql`(select min(${nextOfReason(now)}) from reasons r where r.doctor_id = d.doctor_id and ${openReason})`;
  const nextAt = wantsOffer
    ? sql`f.next_at`
    : sql`case when d.next_at > ${now} then d.next_at else coalesce(${laterOfDoctor}, 'infinity') end`;
  const ctes = [
    ...(words.length > 0 ? [sql`m as materialized (${matched(words)})`] : []),
    ...(wantsOffer
      ? [
          sql`f as materialized (
            select r.doctor_id, min(${nextOfReason(now)}) as next_at from ${reasonsWith(reasonWords)} and ${all([sql`true`, ...ofMode])} group by r.doctor_id)`,
        ]
      : []),
  ];
  const distance = near ? distanceKm(near) : sql`null::float8`;
  const key = { earliest: nextAt, distance: sql`round(${distance} * 1000)::bigint`, name: sql`d.name_key collate "C"` }[sort];
  const keyType = sql.raw({ earliest: "timestamptz", distance: "bigint", name: "text" }[sort]);
  const tier = words.length > 0 ? sql`m.tier` : sql`0`;
  const conditions: SQL[] = [isListed];
  if (query.specialty) conditions.push(sql`d.specialty = ${query.specialty}`);
  if (query.language) conditions.push(sql`d.languages ? ${query.language}`);
  if (query.sector) conditions.push(sql`d.sector = ${query.sector}`);
  if (query.acceptsNew) conditions.push(sql`d.accepts_new`);
  if (query.wheelchair) conditions.push(sql`d.wheelchair`);
  if (near && radiusKm !== undefined) {
    const degrees = radiusKm / kmPerDegree;
    conditions.push(sql`d.at_lat between ${near.lat - degrees}::float8 and ${near.lat + degrees}::float8`);
    conditions.push(sql`${distance} <= ${radiusKm}::float8`);
  }
  if (query.before) conditions.push(sql`${nextAt} < ${query.before}::timestamptz`);
  const beyond = after
    ? sql`where (tier, key, doctor_id collate "C") > (${after.tier}::int, ${after.key}::text::${keyType}, ${after.doctorId})`
    : sql``;
  return sql`
    ${ctes.length > 0 ? sql`with ${sql.join(ctes, sql`, `)}` : sql``}
    select ${shown}, page.distance_km, page.tier, ${sort === "earliest" ? instantText(sql`page.key`) : sql`page.key::text`} as key
    from (
      select * from (
        select d.doctor_id, ${tier} as tier, ${key} as key, ${distance} as distance_km
        from doctors d ${words.length > 0 ? sql`join m using (doctor_id)` : sql``} ${wantsOffer ? sql`join f using (doctor_id)` : sql``}
        where ${all(conditions)}
      ) listed ${beyond}
      order by tier, key, doctor_id collate "C" limit ${query.limit}
    ) page
    join doctors d using (doctor_id) join clinics c using (clinic_id)
    ${nextOpening(now, offered)}
    order by page.tier, page.key, page.doctor_id collate "C"`;
}

/** A page of the directory. */
export async function listDoctors(db: Reader, query: DirectoryQuery): Promise<Listed[]> {
  const rows = await db.execute(directoryPage(query));
  return rows.map((row) => {
    const tier = Number(row.tier) === 1 ? 1 : 0;
    const item = { ...toItem(row), ...(tier === 1 ? { approximate: true } : {}) };
    return { item, position: { tier, key: String(row.key), doctorId: item.id } };
  });
}

/** One published doctor, or null. */
export async function findListed(db: Reader, doctorId: string, nowMs: number): Promise<DoctorItem | null> {
  const [row] = await db.execute(sql`
    select ${shown}, null as distance_km from doctors d join clinics c using (clinic_id) ${nextOpening(at(nowMs), openReason)}
    where d.doctor_id = ${doctorId} and ${isListed}`);
  return row ? toItem(row) : null;
}

/** Names of open online reasons with these words, the commonest first. */
export async function listReasonNames(db: Reader, words: readonly WantedWord[], limit: number): Promise<{ fr: string; en: string }[]> {
  const rows = await db.execute(sql`
    select r.name from (select r.* from ${reasonsWith(words)}) r join doctors d using (doctor_id) where ${isListed}
    group by r.name order by count(*) desc, r.name ->> 'fr' limit ${limit}`);
  return rows.map((row) => row.name as { fr: string; en: string });
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
    lat: Number(row.at_lat),
    lng: Number(row.at_lng),
    sector: row.sector as DoctorItem["sector"],
    wheelchair: row.wheelchair === true,
    acceptsNew: row.accepts_new === true,
    video: row.video === true,
    ...(row.about ? { about: row.about as NonNullable<DoctorItem["about"]> } : {}),
    ...(row.next_start
      ? { nextSlotAt: String(row.next_start), nextReasonId: String(row.next_reason_id) as NonNullable<DoctorItem["nextReasonId"]> }
      : {}),
    ...(row.distance_km === null ? {} : { distanceKm: Math.round(Number(row.distance_km) * 10) / 10 }),
  };
}
