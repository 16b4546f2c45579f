import type { doctorItemSchema, searchDoctors } from "@episante/contracts/doctor";
import type { AnswerOf } from "@episante/contracts/endpoint";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import type { z } from "zod";
import { boxAround, type Position, type Sort, type WantedWord } from "../domain/search.ts";

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
const isListed = sql`d.published_at is not null and d.is_active and d.at_lat is not null and d.card is not null`;
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
/**
 * Next opening of doctor `d`, joined as `n`. Without `offered` the stored one counts and `n` is looked up only where that has passed; with it,
 * the earliest of the reasons `r` that are offered.
 */
function openingOf(now: SQL, offered?: SQL) {
  const join = (found: SQL) => sql`left join lateral (${found} order by starts_at, position limit 1) n on true`;
  if (offered) {
    const joined = join(sql`select * from (
      select ${nextOfReason(now)} as starts_at, r.id as reason_id, r.position from reasons r where r.doctor_id = d.doctor_id and ${offered}
    ) one where starts_at < 'infinity'`);
    return { joined, startsAt: sql`n.starts_at`, reasonId: sql`n.reason_id` };
  }
  const isAhead = sql`d.next_at > ${now}`;
  return {
    joined: join(sql`select o.starts_at, o.reason_id, r.position from openings o join reasons r on r.id = o.reason_id
      where d.next_at <= ${now} and o.doctor_id = d.doctor_id and o.starts_at > ${now} and ${openReason}`),
    startsAt: sql`case when ${isAhead} then d.next_at else n.starts_at end`,
    reasonId: sql`case when ${isAhead} then d.next_reason_id else n.reason_id end`,
  };
}
/** A listed doctor as one JSON value: columns of their own take the client longer than the search. */
type Entry = readonly [
  card: Omit<DoctorItem, "nextSlotAt" | "nextReasonId" | "distanceKm">,
  startsAt: string | null,
  reasonId: string | null,
  distanceKm: number | null,
  tier: 0 | 1,
  key: string,
];

/** Great-circle distance in km (haversine). */
function distanceKm({ lat, lng }: { lat: number; lng: number }): SQL {
  return sql`(2 * ${sql.raw(String(earthKm))} * asin(sqrt(least(1, power(sin(radians(d.at_lat - ${lat}::float8) / 2), 2)
    + cos(radians(${lat}::float8)) * cos(radians(d.at_lat)) * power(sin(radians(d.at_lng - ${lng}::float8) / 2), 2)))))`;
}

/** Within a box around everything in reach, so that an index can tell. */
function isNear({ lat, lng }: { lat: number; lng: number }, radiusKm: number): SQL {
  const { south, north, west, east } = boxAround({ lat, lng }, radiusKm / kmPerDegree);
  return sql`d.at_lat between ${south}::float8 and ${north}::float8 and d.at_lng between ${west}::float8 and ${east}::float8`;
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

/**
 * How many rows are read for a page, as part of the statement: as a parameter the planner cannot know it, and plans the statement anew
 * each time. Few sizes, so that few statements are kept prepared.
 */
const rowsFor = (limit: number) => sql.raw(String([21, 51, 101, 201].find((rows) => rows >= limit) ?? limit));

/** One statement: a page of published doctors that match, in order, each with the next opening that has not passed; maybe more than asked for. */
export function directoryPage(query: DirectoryQuery): SQL {
  const { words = [], reasonWords = [], near, radiusKm, sort, after } = query;
  const now = at(query.nowMs);
  const wantsOffer = query.video || reasonWords.length > 0;
  const ofMode = query.video ? [isVideo] : [];
  const opening = openingOf(now, wantsOffer ? all([openReason, ...ofMode, ...reasonWords.map(hasWord)]) : undefined);
  const laterOfDoctor = sql`(select min(${nextOfReason(now)}) from reasons r where r.doctor_id = d.doctor_id and ${openReason})`;
  const laterAt = sql`coalesce(${laterOfDoctor}, 'infinity')`;
  const nextAt = wantsOffer ? sql`f.next_at` : sql`case when d.next_at > ${now} then d.next_at else ${laterAt} end`;
  const ctes = [
    ...(words.length > 0 ? [sql`m as materialized (${matched(words)})`] : []),
    ...(wantsOffer
      ? [
          sql`f as materialized (
            select r.doctor_id, min(${nextOfReason(now)}) as next_at from ${reasonsWith(reasonWords)} and ${all([sql`true`, ...ofMode])} group by r.doctor_id)`,
        ]
      : []),
  ];
  const keyOf = (openingAt: SQL) =>
    ({ earliest: openingAt, distance: sql`round(far.km * 1000)::bigint`, name: sql`d.name_key collate "C"` })[sort];
  const keyType = sql.raw({ earliest: "timestamptz", distance: "bigint", name: "text" }[sort]);
  const tier = words.length > 0 ? sql`m.tier` : sql`0`;
  const conditions: SQL[] = [isListed];
  if (query.specialty) conditions.push(sql`d.specialty = ${query.specialty}`);
  if (query.language) conditions.push(sql`d.languages ? ${query.language}`);
  if (query.sector) conditions.push(sql`d.sector = ${query.sector}`);
  if (query.acceptsNew) conditions.push(sql`d.accepts_new`);
  if (query.wheelchair) conditions.push(sql`d.wheelchair`);
  if (near && radiusKm !== undefined) conditions.push(isNear(near, radiusKm), sql`far.km <= ${radiusKm}::float8`);
  const matching = (openingAt: SQL, more: readonly SQL[] = []) => sql`
    select d.doctor_id, d.card, d.next_at, d.next_reason_id, ${tier} as tier, ${keyOf(openingAt)} as key, ${near ? sql`far.km` : sql`null::float8`} as km
    from doctors d ${words.length > 0 ? sql`join m using (doctor_id)` : sql``} ${wantsOffer ? sql`join f using (doctor_id)` : sql``}
    ${near ? sql`cross join lateral (select ${distanceKm(near)} as km offset 0) far` : sql``}
    where ${all([...conditions, ...more, ...(query.before ? [sql`${openingAt} < ${query.before}::timestamptz`] : [])])}`;
  const rows = rowsFor(query.limit);
  const afterKey = after ? sql`${after.key}::text::${keyType}` : sql``;
  const storedOrder = sql`d.next_at, d.doctor_id collate "C"`;
  // Where nothing else narrows the search, the order of the stored openings comes from their index. Doctors whose opening has passed
  // stand elsewhere in it than they are shown: few, and looked up apart.
  const isWalked = sort === "earliest" && words.length === 0 && !wantsOffer && radiusKm === undefined;
  const isAhead = [sql`d.next_at > ${now}`, ...(after ? [sql`(${storedOrder}) > (${afterKey}, ${after.doctorId})`] : [])];
  const listed = isWalked
    ? sql`(${matching(sql`d.next_at`, isAhead)} order by ${storedOrder} limit ${rows})
        union all (${matching(laterAt, [sql`d.doctor_id in (select doctors_passed(${now}))`])})`
    : matching(nextAt);
  const beyond = after ? sql`where (tier, key, doctor_id collate "C") > (${after.tier}::int, ${afterKey}, ${after.doctorId})` : sql``;
  return sql`
    ${ctes.length > 0 ? sql`with ${sql.join(ctes, sql`, `)}` : sql``}
    select json_agg(json_build_array(d.card, ${instantText(opening.startsAt)}, ${opening.reasonId}, d.km, d.tier,
      ${sort === "earliest" ? instantText(sql`d.key`) : sql`d.key::text`}) order by d.tier, d.key, d.doctor_id collate "C") as page
    from (
      select * from (${listed}) listed ${beyond}
      order by tier, key, doctor_id collate "C" limit ${rows}
    ) d ${opening.joined}`;
}

/** A page of the directory. */
export async function listDoctors(db: Reader, query: DirectoryQuery): Promise<Listed[]> {
  const [row] = await db.execute(directoryPage(query));
  return ((row?.page ?? []) as Entry[]).slice(0, query.limit).map((entry) => {
    const [, , , , tier, key] = entry;
    const item = { ...toItem(entry), ...(tier === 1 ? { approximate: true } : {}) };
    return { item, position: { tier, key, doctorId: item.id } };
  });
}

/** One published doctor, or null. */
export async function findListed(db: Reader, doctorId: string, nowMs: number): Promise<DoctorItem | null> {
  const { joined, startsAt, reasonId } = openingOf(at(nowMs));
  const [row] = await db.execute(sql`
    select json_build_array(d.card, ${instantText(startsAt)}, ${reasonId}, null, 0, '') as entry from doctors d ${joined}
    where d.doctor_id = ${doctorId} and ${isListed}`);
  return row ? toItem(row.entry as Entry) : null;
}

/** Names of open online reasons with these words, the commonest first. */
export async function listReasonNames(db: Reader, words: readonly WantedWord[], limit: number): Promise<{ fr: string; en: string }[]> {
  const rows = await db.execute(sql`
    select r.name from (select r.* from ${reasonsWith(words)}) r join doctors d using (doctor_id) where ${isListed}
    group by r.name order by count(*) desc, r.name ->> 'fr' limit ${limit}`);
  return rows.map((row) => row.name as { fr: string; en: string });
}

function toItem([card, startsAt, reasonId, distanceKm]: Entry): DoctorItem {
  return {
    ...card,
    ...(startsAt && reasonId ? { nextSlotAt: startsAt, nextReasonId: reasonId as NonNullable<DoctorItem["nextReasonId"]> } : {}),
    ...(distanceKm === null ? {} : { distanceKm: Math.round(distanceKm * 10) / 10 }),
  };
}
