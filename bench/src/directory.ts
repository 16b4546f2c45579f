import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { specialties } from "@episante/contracts/doctor";
import { waitFor } from "@episante/testkit/wait-for";
import postgres from "postgres";
import { z } from "zod";
import { type Bench, type BenchContext, measure } from "./harness.ts";
import { type Installation, prepareInstallation } from "./installation.ts";
import { quantile, randomNumbers } from "./stats.ts";

const doctorCount = 10_000;
const clinicCount = 60;
/** Searches of each kind per round: p99 lies by the slowest. */
const perRound = 40;
const statementSchema = z.object({ text: z.string(), params: z.array(z.union([z.string(), z.number(), z.null()])) });
/** What the statement answers: a list per doctor, which begins with the card. */
const foundSchema = z.array(z.tuple([z.object({ id: z.string() })], z.unknown()).transform(([{ id }]) => id));
const pageSchema = z.object({ items: z.array(z.object({ id: z.string() })), next: z.string().optional() });

type Query = Readonly<Record<string, string>>;
type Random = () => number;
interface Times {
  readonly bare: number[];
  readonly service: number[];
  readonly gateway: number[];
}

/** Kinds of search, each with a query of its own every time. */
const kinds: Readonly<Record<string, (world: World) => Query>> = {
  "everybody, earliest opening first": () => ({}),
  "everybody, by name": () => ({ sort: "name" }),
  "a name": ({ name }) => ({ q: name() }),
  "a name with a typing error": ({ name, mistype }) => ({ q: mistype(name()) }),
  "first three letters of a name": ({ name }) => ({ q: name().slice(0, 3) }),
  "a speciality in everyday words": () => ({ q: "médecin traitant" }),
  "speciality and language": ({ pick }) => ({ specialty: pick(specialties), language: "en" }),
  "within 20 km, nearest first": ({ place }) => ({ near: place(), radiusKm: "20", sort: "distance" }),
  "within 60 km, every filter": ({ place, week }) => ({
    near: place(),
    radiusKm: "60",
    acceptsNew: "true",
    sector: "1",
    wheelchair: "true",
    before: week,
  }),
  "a visit reason": () => ({ reason: "vaccination" }),
  "video visits": () => ({ video: "true" }),
};

/** Search in a directory of 10,000 doctors: the statement alone, svc/doctor alone, and through the gateway, one after the other. */
export const directory: Bench = {
  name: "directory",
  describe: `searches over ${doctorCount.toLocaleString("en-US")} doctors: through gateway and svc/doctor, against the statement itself on the same Postgres`,
  maxSeconds: 600,
  async run(context) {
    const installation = await prepareInstallation(context, "empty");
    context.say("starting the product");
    await installation.up();
    const world = await plant(context, installation);
    const sides = await openSides(context, installation);
    const names = Object.keys(kinds);
    const rounds = await context.interleave(
      Object.fromEntries(names.map((name) => [name, () => round(sides, () => kinds[name]?.(world) ?? {})])),
    );
    return names.flatMap((name, index) => {
      const times = (rounds[name] ?? []) as Times[];
      const p99 = (side: keyof Times) => times.map((one) => quantile(one[side], 0.99));
      const p50 = (side: keyof Times) =>
        quantile(
          times.flatMap((one) => one[side]),
          0.5,
        ).toFixed(1);
      const limit = { id: "SQL", unit: "ms p99, the statement alone", values: p99("bare") };
      const floor = { op: "<=", value: 3 } as const;
      const note = `p50: SQL ${p50("bare")} ms, svc/doctor ${p50("service")} ms, gateway ${p50("gateway")} ms`;
      return [
        measure({ id: `D${index + 1}`, what: `${name}: svc/doctor, p99`, unit: "ms", values: p99("service"), limit, floor, note }),
        measure({ id: `D${index + 1}g`, what: `${name}: through the gateway, p99`, unit: "ms", values: p99("gateway"), limit, floor }),
      ];
    });
  },
};

interface Sides {
  bare(queries: readonly Query[]): Promise<(() => Promise<string[]>)[]>;
  service(query: Query): Promise<string[]>;
  gateway(query: Query): Promise<string[]>;
}

async function timed<T>(into: number[], run: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const value = await run();
  into.push(performance.now() - startedAt);
  return value;
}

/** Each query three times in turn; all three must find the same doctors. @throws Error when they do not */
async function round(sides: Sides, next: () => Query): Promise<Times> {
  const times: Times = { bare: [], service: [], gateway: [] };
  const queries = Array.from({ length: perRound }, next);
  const statements = await sides.bare(queries);
  for (const [index, query] of queries.entries()) {
    const statement = statements[index];
    if (!statement) throw new Error("a query without a statement");
    const found = await timed(times.bare, statement);
    const [alone, through] = [
      await timed(times.service, () => sides.service(query)),
      await timed(times.gateway, () => sides.gateway(query)),
    ];
    if (found.length === 0) throw new Error(`${JSON.stringify(query)} finds nobody`);
    if (found.join() !== alone.join() || found.join() !== through.join()) throw new Error(`${JSON.stringify(query)}: different doctors`);
  }
  return times;
}

/** The three doors: Postgres with the service's own login and the service's own statement, the service's port, the public address. */
async function openSides(context: BenchContext, installation: Installation): Promise<Sides> {
  const url = readFileSync(join(installation.data, "secrets", "doctordb-app.url"), "utf8").trim();
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  context.onEnd(() => sql.end({ timeout: 1 }));
  const script = fileURLToPath(new URL("../../svc/doctor/test/page-sql.ts", import.meta.url));
  const ask = async (origin: string, query: Query) => {
    const answer = await fetch(`${origin}/api/doctors?${new URLSearchParams(query)}`);
    if (!answer.ok) throw new Error(`${JSON.stringify(query)} answered ${answer.status}: ${await answer.text()}`);
    return pageSchema.parse(await answer.json()).items.map(({ id }) => id);
  };
  return {
    async bare(queries) {
      const child = Bun.spawn([process.execPath, script], {
        stdin: new Blob([queries.map((query) => JSON.stringify(query)).join("\n")]),
        stderr: "inherit",
      });
      const lines = (await new Response(child.stdout).text()).trim().split("\n");
      return lines.map((line) => {
        const { text, params } = statementSchema.parse(JSON.parse(line));
        // The statement asks for one doctor more than a page holds.
        return async () => {
          const [row] = await sql.unsafe(text, params, { prepare: true });
          return foundSchema.parse(row?.page ?? []).slice(0, 20);
        };
      });
    },
    service: (query) => ask(`http://127.0.0.1:${installation.portOf("doctor")}`, query),
    gateway: (query) => ask(installation.url, query),
  };
}

export interface World {
  pick<T>(values: readonly T[]): T;
  /** A family name that some doctor has. */
  name(): string;
  /** The same with one letter wrong, missing, doubled or swapped. */
  mistype(name: string): string;
  /** `LAT,LNG` of a place with doctors around. */
  place(): string;
  /** A week from now. */
  readonly week: string;
}

const syllables =
  "ba be bou bri can chau cour da del dou du fa fer gar gui hu jo la le lau ler ma mar mi mon mo na no per pi ra ri rou sau sé tel thi tou va ver vi".split(
    " ",
  );
const endings = "nard rand tin mas rel gnon vost let rier din neau ville mont sier lain".split(" ");
const givenNames =
  "Anne Claire Zoé Léa Inès Karim Paul Jean-Pierre Marie-Laure Hugo Lucas Éric Noémie Aïcha Chloé Théo Marc Sofia Omar Élise".split(" ");

/** Plants the directory as the events of 10,000 doctors would have left it, and waits until the service has indexed them. */
async function plant(context: BenchContext, installation: Installation): Promise<World> {
  const sql = installation.owner("doctordb", 1);
  context.version("Postgres", String((await sql`show server_version`)[0]?.server_version));
  const world = await plantDirectory(context, sql);
  const startedAt = performance.now();
  const indexed = async () => Number((await sql`select count(*) as n from search_keys`)[0]?.n) === doctorCount;
  await waitFor(indexed, { timeoutMs: 180_000, what: "the index of the search" });
  await sql`vacuum analyze`;
  const [size] =
    await sql`select pg_size_pretty(pg_relation_size('search_keys_keys')) as keys, pg_size_pretty(pg_total_relation_size('search_keys')) as all`;
  context.say(
    `indexed by the service's job within ${((performance.now() - startedAt) / 1000).toFixed(0)} s; index ${size?.keys}, with its table ${size?.all}`,
  );
  return world;
}

/** The same doctors every time, not indexed for searches by words. @param sql the owner of a migrated database of svc/doctor */
export async function plantDirectory(context: Pick<BenchContext, "say">, sql: postgres.Sql): Promise<World> {
  const random = randomNumbers(22);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const makeId = (prefix: string) => `${prefix}_${randomUUID().replaceAll("-", "")}`;
  const clinics = Array.from({ length: clinicCount }, () => ({ id: makeId("cli"), lat: 43 + random() * 7, lng: -1 + random() * 8 }));
  const doctors = Array.from({ length: doctorCount }, () => {
    const family = pick(syllables) + (random() < 0.5 ? pick(syllables) : "") + pick(endings);
    const name = random() < 0.1 ? `${family}-${pick(syllables)}${pick(endings)}` : family;
    const clinic = pick(clinics);
    return {
      id: makeId("doc"),
      clinic: clinic.id,
      given: pick(givenNames),
      family: name.replace(/(^|-)./g, (letter) => letter.toUpperCase()),
      specialty: pick(specialties),
      languages: ["fr", ...(random() < 0.4 ? ["en"] : []), ...(random() < 0.1 ? ["ar"] : [])],
      sector: random() < 0.6 ? "1" : "2",
      wheelchair: random() < 0.7,
      accepts: random() < 0.6,
      lat: clinic.lat + (random() - 0.5) / 5,
      lng: clinic.lng + (random() - 0.5) / 5,
      reasons: [makeId("rea"), makeId("rea"), makeId("rea")],
      video: random() < 0.2,
      // One in ten is full.
      from: random() < 0.1 ? null : 1 + Math.floor(random() * 400) / 4,
    };
  });
  context.say(`planting ${doctorCount} doctors`);
  await plantRows(sql, clinics, doctors);
  await sql`vacuum analyze`;
  return {
    pick,
    name: () => pick(doctors).family.split("-")[0] ?? "",
    mistype: (name) => mistype(name, random),
    place: () => {
      const { lat, lng } = pick(clinics);
      return `${lat.toFixed(3)},${lng.toFixed(3)}`;
    },
    week: new Date(Date.now() + 7 * 86_400_000).toISOString(),
  };
}

async function plantRows(sql: postgres.Sql, clinics: readonly object[], doctors: readonly object[]): Promise<void> {
  await sql.unsafe(
    `insert into clinics (clinic_id, name, zone, city, address, phone, lat, lng, changed_at)
     select id, 'Clinique ' || lat::int, 'Europe/Paris', 'Ville', '1 rue A', '04 00 00 00 00', lat, lng, now() from jsonb_to_recordset($1::text::jsonb) as c (id text, lat float8, lng float8)`,
    [JSON.stringify(clinics)],
  );
  const rows = JSON.stringify(doctors);
  await sql.unsafe(
    `insert into doctors (doctor_id, clinic_id, account_id, is_active, member_at, given_name, family_name, specialty, languages, sector, wheelchair,
       accepts_new, lat, lng, at_lat, at_lng, name_key, published_at)
     select id, clinic, id, true, now(), given, family, specialty, languages, sector, wheelchair, accepts, lat, lng, lat, lng, lower(family || ' ' || given), now()
     from jsonb_to_recordset($1::text::jsonb) as d (id text, clinic text, given text, family text, specialty text, languages jsonb, sector text, wheelchair boolean,
       accepts boolean, lat float8, lng float8)`,
    [rows],
  );
  const names = [
    ["Consultation de suivi", "Follow-up"],
    ["Première consultation", "First visit"],
    ["Vaccination", "Vaccination"],
  ].map(([fr, en]) => ({ fr, en }));
  await sql.unsafe(
    `insert into reasons (id, doctor_id, name, minutes, is_online, cancel_hours, position, rules)
     select r.id, d.id, $2::text::jsonb -> (r.nth::int - 1), 20, r.nth < 3 or d.lat < 48, 4, r.nth, case when d.video and r.nth = 1 then '{"mode":"video"}'::jsonb else '{}' end
     from jsonb_to_recordset($1::text::jsonb) as d (id text, lat float8, video boolean, reasons jsonb) cross join jsonb_array_elements_text(d.reasons) with ordinality as r (id, nth)`,
    [rows, JSON.stringify(names)],
  );
  await sql.unsafe(
    `insert into openings (doctor_id, starts_at, reason_id)
     select d.id, date_trunc('hour', now()) + interval '1 hour' * (d."from" + nth), r.id
     from jsonb_to_recordset($1::text::jsonb) as d (id text, "from" float8, reasons jsonb) cross join jsonb_array_elements_text(d.reasons) as r (id)
     cross join generate_series(1, 20) nth where d."from" is not null`,
    [rows],
  );
  await sql.unsafe(`update reasons r set next_at = coalesce((select min(starts_at) from openings o where o.reason_id = r.id), 'infinity')`);
  await sql.unsafe(
    `update doctors d set next_at = coalesce((select min(starts_at) from openings o where o.doctor_id = d.doctor_id), 'infinity')`,
  );
}

/** One letter wrong, missing, doubled or swapped with the next. */
function mistype(name: string, random: Random): string {
  const at = 1 + Math.floor(random() * (name.length - 2));
  const [before, letter, next, after] = [name.slice(0, at), name.charAt(at), name.charAt(at + 1), name.slice(at + 2)];
  const kind = Math.floor(random() * 4);
  if (kind === 0) return `${before}${letter === "x" ? "y" : "x"}${next}${after}`;
  if (kind === 1) return before + next + after;
  return kind === 2 ? before + letter + letter + next + after : before + next + letter + after;
}
