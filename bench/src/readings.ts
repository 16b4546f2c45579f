import { readFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { z } from "zod";
import { type Bench, type BenchContext, measure } from "./harness.ts";
import { type Installation, prepareInstallation } from "./installation.ts";
import { openSession } from "./session.ts";
import { quantile } from "./stats.ts";

const dayMs = 86_400_000;
const days = 365;
/** Signals at 1 Hz, and other patients with the same roll-ups by the hour, so that the index is not only about one. */
const planted = ["heart-rate", "spo2"] as const;
const otherPatients = 5;
/** Days that have their raw readings too: 86,400 rows each, of one signal. */
const rawDays = 1;
const perRound = 25;
const answerSchema = z.object({ unit: z.string(), items: z.array(z.object({ at: z.string(), n: z.number().optional() })) });

interface Question {
  readonly resolution: "1h" | "1m" | "raw";
  readonly fromMs: number;
  readonly toMs: number;
}

/** Charts of one patient over a year at 1 Hz, through the public address against the statement itself. */
export const readings: Bench = {
  name: "readings",
  describe:
    "GET /api/readings over a year of 1 Hz readings of one patient: through gateway and svc/ingest, against the statement itself on the same Postgres",
  maxSeconds: 900,
  async run(context) {
    const installation = await prepareInstallation(context, "empty");
    context.say("starting the product");
    await installation.up();
    const { session, answer } = await openSession(installation.url, "/api/auth/register", {
      email: "year@bench.test",
      password: "a year at one hertz",
      givenName: "Ada",
      familyName: "Year",
      birthDate: "1960-12-10",
    });
    const patientId = z.object({ patientId: z.string() }).parse(answer).patientId;
    const endMs = Math.floor(Date.now() / dayMs) * dayMs;
    await plant(context, installation, patientId, endMs);
    const bare = await openBare(context, installation, patientId);
    const api = async ({ resolution, fromMs, toMs }: Question) => {
      const query = { patientId, code: "8867-4", resolution, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
      const answered = await fetch(`${installation.url}/api/readings?${new URLSearchParams(query)}`, {
        headers: { cookie: session.cookie },
      });
      const text = await answered.text();
      if (!answered.ok) throw new Error(`/api/readings answered ${answered.status}: ${text}`);
      return text;
    };
    const year: Question = { resolution: "1h", fromMs: endMs - days * dayMs, toMs: endMs };
    const month: Question = { resolution: "1m", fromMs: endMs - 31 * dayMs, toMs: endMs };
    const day: Question = { resolution: "raw", fromMs: endMs - dayMs, toMs: endMs };
    const round = async (question: Question, times: number) => {
      const took = { bare: [] as number[], api: [] as number[] };
      for (let index = 0; index < times; index++) {
        const rows = await timed(took.bare, () => bare(question));
        const text = await timed(took.api, () => api(question));
        if (index === 0 && answerSchema.parse(JSON.parse(text)).items.length !== rows)
          throw new Error(`${question.resolution}: another number of rows`);
      }
      return took;
    };
    const rounds = await context.interleave({
      year: () => round(year, perRound),
      month: () => round(month, 3),
      day: () => round(day, 2),
    });
    const line = (
      id: string,
      what: string,
      of: readonly { bare: number[]; api: number[] }[],
      floor: { op: "<="; value: number } | null,
    ) => {
      const p99 = (side: "bare" | "api") => of.map((one) => quantile(one[side], 0.99));
      const p50 = (side: "bare" | "api") =>
        quantile(
          of.flatMap((one) => one[side]),
          0.5,
        ).toFixed(1);
      const limit = { id: "SQL", unit: "ms p99, the statement alone", values: p99("bare") };
      return measure({
        id,
        what,
        unit: "ms",
        values: p99("api"),
        limit,
        floor,
        note: `p50: SQL ${p50("bare")} ms, through the gateway ${p50("api")} ms`,
      });
    };
    return [
      line("R1", `a year by the hour (${days * 24} roll-ups of ${(days * 86_400).toLocaleString("en-US")} readings), p99`, rounds.year, {
        op: "<=",
        value: 3,
      }),
      line("R2", `31 days by the minute (${31 * 1440} roll-ups), p99`, rounds.month, null),
      line("R3", "a day raw (86,400 readings), p99", rounds.day, null),
    ];
  },
};

async function timed<T>(into: number[], run: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const value = await run();
  into.push(performance.now() - startedAt);
  return value;
}

/** The statements that answer, with the service's own login and one patient's row-level-security context, prepared. Answers the number of rows. */
async function openBare(
  context: BenchContext,
  installation: Installation,
  patientId: string,
): Promise<(question: Question) => Promise<number>> {
  const url = readFileSync(join(installation.data, "secrets", "wearablesdb-app.url"), "utf8").trim();
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  context.onEnd(() => sql.end({ timeout: 1 }));
  await sql`select set_config('app.patients', ${patientId}, false)`;
  return async ({ resolution, fromMs, toMs }) => {
    const [from, to] = [new Date(fromMs), new Date(toMs)];
    if (resolution === "raw") {
      return (
        await sql`select extract(epoch from at)::float8 as seconds, value, flag from readings
          where patient_id = ${patientId} and signal = 'heart-rate' and at >= ${from} and at < ${to} and not superseded order by at, value`
      ).length;
    }
    const step = resolution === "1h" ? 3600 : 60;
    return (
      await sql`select extract(epoch from at)::float8 as seconds, min, max, sum / n as mean, n from rollups
        where patient_id = ${patientId} and signal = 'heart-rate' and step = ${step}::smallint and at >= ${from} and at < ${to} order by at`
    ).length;
  };
}

/** Roll-ups of a year at 1 Hz as the store would have left them, and the raw readings of its last days. */
async function plant(context: BenchContext, installation: Installation, patientId: string, endMs: number): Promise<void> {
  context.say(`planting a year of ${planted.length} signals at 1 Hz as roll-ups, ${rawDays} days of one signal raw`);
  const sql = installation.owner("wearablesdb", 1);
  const [from, to] = [new Date(endMs - days * dayMs), new Date(endMs)];
  await sql`select set_config('app.system', 'bench', false)`;
  for (const [step, patients] of [
    [60, 1],
    [3600, 1 + otherPatients],
  ] as const) {
    await sql`
      insert into rollups (patient_id, signal, step, at, min, max, sum, n)
      select case when p = 1 then ${patientId}::text else ${patientId}::text || p end, signal, ${step}::smallint, at, 60 + h, 80 + h, (70 + h) * ${step}::int, ${step}::int
      from generate_series(1, ${patients}::int) p, unnest(${[...planted]}::text[]) signal,
        generate_series(${from}::timestamptz, ${to}::timestamptz - interval '1 second', ${step}::int * interval '1 second') at,
        lateral (select 10 * sin(extract(epoch from at) / 86400)) w(h)`;
  }
  for (let day = 1; day <= rawDays; day++) {
    const start = new Date(endMs - day * dayMs);
    await sql`select ensure_reading_day(${start.toISOString().slice(0, 10)}::date)`;
    await sql`
      insert into readings (patient_id, signal, code, at, value, device_id, received_at, boot, seq)
      select ${patientId}, 'heart-rate', '8867-4', at, 70 + 10 * sin(extract(epoch from at) / 600), 'dev_00000000000000000000000000000000', at, 'b', 0
      from generate_series(${start}::timestamptz, ${start}::timestamptz + interval '1 day' - interval '1 second', interval '1 second') at`;
  }
  await sql`vacuum analyze rollups, readings`;
  const [size] = await sql`select pg_size_pretty(pg_database_size(current_database())) as size`;
  context.say(`the database has ${size?.size}`);
  context.version("Postgres", String((await sql`show server_version`)[0]?.server_version));
}
