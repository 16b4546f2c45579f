import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { searchDoctors as endpoint } from "@episante/contracts/doctor";
import { isRefusal } from "@episante/contracts/problem";
import { newId } from "@episante/service/ids";
import { testClock } from "@episante/testkit/clock";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { planSearch, searchDoctors } from "../actions/search-doctors.ts";
import { decodeCursor, encodeCursor } from "../domain/search.ts";
import { indexOutdatedDoctors } from "../jobs/index-outdated-doctors.ts";
import type { DirectoryQuery } from "./directory.ts";

/** Mulberry32: the same numbers every run. */
function seeded(seed: number) {
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    chance: (share: number) => random() < share,
    below: (count: number) => Math.floor(random() * count),
    pick: <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T,
  };
}
type Random = ReturnType<typeof seeded>;

const hour = 3_600_000;
/** When the stored next openings were worked out, and when people search: what begins in between has passed. */
const settledMs = Date.parse("2026-11-23T07:00:00Z");
const nowMs = settledMs + 3 * hour;
const iso = (ms: number) => new Date(ms).toISOString();
const names = [
  { fr: "Consultation", en: "Visit" },
  { fr: "Vaccination", en: "Vaccine" },
  { fr: "Vaccination voyage", en: "Travel vaccine" },
];
const places = [
  { lat: 45.76, lng: 4.83 },
  { lat: 45.77, lng: 4.88 },
  { lat: 45.9, lng: 5.1 },
  { lat: 48.85, lng: 2.35 },
];

interface Reason {
  readonly id: string;
  readonly name: { fr: string; en: string };
  readonly isOpen: boolean;
  readonly isVideo: boolean;
  readonly position: number;
  /** Epoch milliseconds. */
  readonly starts: readonly number[];
}
interface Doctor {
  readonly id: string;
  readonly clinicId: string;
  readonly given: string;
  readonly family: string;
  readonly specialty: string;
  readonly languages: readonly string[];
  readonly sector: string;
  readonly wheelchair: boolean;
  readonly accepts: boolean;
  readonly place: { lat: number; lng: number };
  readonly isListed: boolean;
  readonly isActive: boolean;
  readonly isPublished: boolean;
  readonly reasons: readonly Reason[];
}

/** Few names, places and instants, so that many are alike; openings from before the settling to days ahead, or none. */
function makeDoctors({ chance, below, pick }: Random, clinics: { known: string; unknown: string }): Doctor[] {
  return Array.from({ length: 150 }, () => {
    const [isActive, isPublished, isKnown] = [chance(0.95), chance(0.95), chance(0.95)];
    return {
      id: newId("doc", settledMs),
      clinicId: isKnown ? clinics.known : clinics.unknown,
      given: pick(["zoe", "ana"]),
      family: pick(["martin", "marten", "moreau", "petit"]),
      specialty: pick(["cardiology", "dermatology"]),
      languages: pick([["fr"], ["fr", "en"], ["fr", "ar"]]),
      sector: pick(["1", "2"]),
      wheelchair: chance(0.5),
      accepts: chance(0.5),
      place: pick(places),
      isListed: isActive && isPublished && isKnown,
      isActive,
      isPublished,
      reasons: Array.from({ length: below(4) }, (_, position) => ({
        id: newId("rea", settledMs),
        name: pick(names),
        isOpen: chance(0.8),
        isVideo: chance(0.3),
        position,
        starts: [...new Set(Array.from({ length: chance(0.2) ? 0 : below(4) }, () => settledMs + (below(9) - 1) * hour))],
      })),
    };
  });
}

async function plant({ owner: sql }: TestDatabase, doctors: readonly Doctor[], clinicId: string): Promise<void> {
  await sql`insert into clinics (clinic_id, name, zone, city, address, phone, lat, lng, changed_at)
    values (${clinicId}, 'C', 'Europe/Paris', 'Lyon', '1 rue A', '04', 45, 4, now())`;
  for (const { reasons, place, ...one } of doctors) {
    await sql`insert into doctors (doctor_id, clinic_id, account_id, is_active, member_at, given_name, family_name, specialty, languages, sector, wheelchair,
        accepts_new, at_lat, at_lng, name_key, published_at)
      values (${one.id}, ${one.clinicId}, ${one.id}, ${one.isActive}, now(), ${one.given}, ${one.family}, ${one.specialty}, ${sql.json([...one.languages])},
        ${one.sector}, ${one.wheelchair}, ${one.accepts}, ${place.lat}, ${place.lng}, ${`${one.family} ${one.given}`}, ${one.isPublished ? iso(settledMs) : null})`;
    for (const reason of reasons) {
      await sql`insert into reasons (id, doctor_id, name, minutes, is_online, cancel_hours, position, rules)
        values (${reason.id}, ${one.id}, ${sql.json(reason.name)}, 20, ${reason.isOpen}, 0, ${reason.position}, ${sql.json(reason.isVideo ? { mode: "video" } : {})})`;
      for (const start of reason.starts)
        await sql`insert into openings (doctor_id, starts_at, reason_id) values (${one.id}, ${iso(start)}, ${reason.id})`;
    }
  }
  await sql`update reasons r set next_at = coalesce((
    select min(starts_at) from openings o where o.reason_id = r.id and starts_at > ${iso(settledMs)}), 'infinity')`;
  await sql`update doctors d set next_at = coalesce((select min(next_at) from reasons r where r.doctor_id = d.doctor_id and is_online), 'infinity')`;
}

/** Great-circle distance in km (spherical law of cosines). */
function kmBetween(one: { lat: number; lng: number }, other: { lat: number; lng: number }): number {
  const [from, to, turn] = [one.lat, other.lat, one.lng - other.lng].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
  ];
  return 6371.0088 * Math.acos(Math.min(1, Math.sin(from) * Math.sin(to) + Math.cos(from) * Math.cos(to) * Math.cos(turn)));
}

interface Expected {
  readonly id: string;
  readonly nextSlotAt: string | undefined;
  readonly nextReasonId: string | undefined;
  readonly approximate: true | undefined;
}
/** The whole answer without index, statement or stored next opening: every doctor looked at, all sorted. */
function slowSearch(doctors: readonly Doctor[], keys: ReadonlyMap<string, readonly string[]>, query: DirectoryQuery): Expected[] {
  const { words = [], reasonWords = [], near, radiusKm, before, sort } = query;
  const has = (id: string, wanted: readonly string[]) => wanted.some((key) => keys.get(id)?.includes(key));
  const found = doctors
    .filter((one) => one.isListed)
    .flatMap((one) => {
      const tier = words.every(({ exact }) => has(one.id, exact)) ? 0 : 1;
      if (tier === 1 && !words.every(({ exact, close }) => has(one.id, [...exact, ...close]))) return [];
      const open = one.reasons.filter((reason) => reason.isOpen);
      const offered = open.filter(({ id, isVideo }) => (!query.video || isVideo) && reasonWords.every(({ exact }) => has(id, exact)));
      if ((query.video || reasonWords.length > 0) && offered.length === 0) return [];
      const [next] = offered
        .flatMap(({ id, position, starts }) => starts.filter((start) => start > nowMs).map((start) => ({ id, position, start })))
        .sort((a, b) => a.start - b.start || a.position - b.position);
      const km = near ? kmBetween(near, one.place) : 0;
      const isMeant =
        (!query.specialty || one.specialty === query.specialty) &&
        (!query.language || one.languages.includes(query.language)) &&
        (!query.sector || one.sector === query.sector) &&
        (!query.acceptsNew || one.accepts) &&
        (!query.wheelchair || one.wheelchair) &&
        (radiusKm === undefined || km <= radiusKm) &&
        (before === undefined || (next !== undefined && next.start < Date.parse(before)));
      const order = {
        earliest: next?.start ?? Number.POSITIVE_INFINITY,
        distance: Math.round(km * 1000),
        name: `${one.family} ${one.given}`,
      }[sort];
      return isMeant ? [{ id: one.id, tier, order, next }] : [];
    });
  const compare = <T extends string | number>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);
  return found
    .sort((a, b) => a.tier - b.tier || compare(a.order, b.order) || compare(a.id, b.id))
    .map(({ id, tier, next }) => ({
      id,
      nextSlotAt: next && iso(next.start),
      nextReasonId: next?.id,
      approximate: tier === 1 ? true : undefined,
    }));
}

const sorts = ["earliest", "name", "distance"] as const;
const filters = [
  { q: "martin" },
  { q: "vaccination" },
  { q: "zoe mar" },
  { specialty: "cardiology" },
  { language: "en" },
  { sector: "1" },
  { acceptsNew: "true" },
  { wheelchair: "true" },
  { near: "45.76,4.83", radiusKm: "10" },
  { near: "45.76,4.83", radiusKm: "60" },
  { near: "48.85,2.35" },
  { reason: "vaccine" },
  { reason: "travel vacc" },
  { video: "true" },
  { before: iso(nowMs + 3 * hour) },
  { before: iso(nowMs) },
];

for (const seed of [1, 2, 3]) {
  describe(`random directory ${seed}`, () => {
    let database: TestDatabase;
    let doctors: Doctor[];
    let keys: Map<string, string[]>;
    const random = seeded(seed);
    beforeAll(async () => {
      database = await testDatabase({ migrations: "svc/doctor/migrations" });
      const clinics = { known: newId("cli", settledMs), unknown: newId("cli", settledMs) };
      doctors = makeDoctors(random, clinics);
      await plant(database, doctors, clinics.known);
      await indexOutdatedDoctors(database);
      const rows = await database.owner`select doctor_id as id, keys from search_keys union all select id, keys from reasons`;
      keys = new Map(rows.map((row) => [String(row.id), row.keys as string[]]));
    });
    afterAll(() => database.close());

    /** All pages one after the other, as somebody sees them who scrolls; the slow answer beside them. */
    async function bothAnswers(search: Readonly<Record<string, string>>) {
      const deps = { db: database.db, clock: testClock(nowMs) };
      const seen: Expected[] = [];
      let cursor: string | undefined;
      do {
        const page = await searchDoctors(deps, endpoint.query?.parse({ ...search, ...(cursor ? { cursor } : {}) }) ?? {});
        if (isRefusal(page)) throw new Error(`${JSON.stringify(search)} is refused: ${page.refused}`);
        for (const { id, nextSlotAt, nextReasonId, approximate } of page.items) {
          seen.push({ id, nextSlotAt, nextReasonId, approximate: approximate ? true : undefined });
        }
        cursor = page.next;
      } while (cursor);
      const plan = planSearch(endpoint.query?.parse(search) ?? {}, nowMs);
      if (isRefusal(plan)) throw new Error(`${JSON.stringify(search)} is refused`);
      return { seen, expected: slowSearch(doctors, keys, plan) };
    }

    test("has ties, passed openings with and without a later one, and doctors without any", async () => {
      const { expected } = await bothAnswers({});
      const [row] = await database.owner`select count(*)::int as n from doctors where next_at <= ${iso(nowMs)}`;
      expect(row?.n).toBeGreaterThan(20);
      const shown = expected.map(({ nextSlotAt }) => nextSlotAt);
      expect(shown.filter((at) => at === undefined).length).toBeGreaterThan(5);
      expect(new Set(shown).size).toBeLessThan(10);
    });

    test.each(sorts)("every filter alone, sorted by %s, gives the pages of a plain search", async (sort) => {
      for (const filter of [{}, ...filters]) {
        const search = { near: "45.76,4.83", ...filter, sort, limit: random.pick(["3", "20", "50"]) };
        const { seen, expected } = await bothAnswers(search);
        expect({ search, seen }).toEqual({ search, seen: expected });
      }
    });

    test("filters together, by any order, give the pages of a plain search", async () => {
      for (let count = 0; count < 40; count++) {
        const chosen = Array.from({ length: random.below(4) }, () => random.pick(filters));
        const wanted: Record<string, string> = Object.assign({}, ...chosen);
        const sort = random.pick("near" in wanted ? sorts : (["earliest", "name"] as const));
        const search = { ...wanted, sort, limit: random.pick(["2", "7", "50"]) };
        const { seen, expected } = await bothAnswers(search);
        expect({ search, seen }).toEqual({ search, seen: expected });
      }
    });

    test("a page goes on behind any doctor of the default order", async () => {
      const { expected } = await bothAnswers({});
      const deps = { db: database.db, clock: testClock(nowMs) };
      for (const [index, { id, nextSlotAt }] of expected.entries()) {
        const cursor = encodeCursor("earliest", { tier: 0, key: nextSlotAt ?? "infinity", doctorId: id });
        expect(decodeCursor(cursor, "earliest")).not.toBeNull();
        const page = await searchDoctors(deps, { cursor, limit: 5 });
        const ids = isRefusal(page) ? [] : page.items.map((item): string => item.id);
        expect(ids).toEqual(expected.slice(index + 1, index + 6).map((one) => one.id));
      }
    });
  });
}
