import { fileURLToPath } from "node:url";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { z } from "zod";
import { profilerFlags } from "./config.ts";
import { plantDirectory } from "./directory.ts";
import { type Bench, type BenchContext, measure } from "./harness.ts";
import { quantile, randomNumbers } from "./stats.ts";

const doctorCount = 10_000;
const clinicCount = 60;
const days = 90;
/** Questions of each kind per round: p99 lies by the slowest. */
const questionsPerRound = 400;
const pageSize = "50";

const slotTimesSchema = z.object({
  bare: z.array(z.number()),
  first: z.array(z.number()),
  again: z.array(z.number()),
  http: z.array(z.number()),
  rows: z.number(),
  slots: z.number(),
});
const pageTimesSchema = z.object({
  bare: z.array(z.number()),
  action: z.array(z.number()),
  http: z.array(z.number()),
  doctors: z.number(),
});

/** Bookable times of a doctor's month, and the next openings of fifty doctors, against the bare scan of the rows they are made of. */
export const slots: Bench = {
  name: "slots",
  describe: `a doctor's month of bookable times and the next ones of fifty doctors, of ${doctorCount.toLocaleString("en-US")} doctors × ${days} days, against raw index range scans`,
  maxSeconds: 900,
  async run(context) {
    const [appointments, directory] = [await scratch(context, "appointment"), await scratch(context, "doctor")];
    await plant(context, appointments);
    const world = await plantDirectory(context, directory.owner);
    const doctor = openProbe(context, appointments, { script: "svc/appointment/test/time-slots.ts", schema: slotTimesSchema });
    const page = openProbe(context, directory, { script: "svc/doctor/test/time-pages.ts", schema: pageTimesSchema });
    const random = randomNumbers(4);
    const number = (below: number) => Math.floor(random() * below);
    const questions = () =>
      Array.from({ length: questionsPerRound }, () => {
        const which = String(number(doctorCount)).padStart(32, "0");
        const first = 1 + number(days - 31);
        return { doctorId: `doc_${which}`, reasonId: `rea_${which}`, from: dayAhead(first), to: dayAhead(first + 30) };
      });
    const searches = (query: () => Record<string, string>) =>
      Array.from({ length: questionsPerRound }, () => ({ ...query(), limit: pageSize }));
    const rounds = await context.interleave({
      doctor: () => doctor(questions()),
      byPlace: () => page(searches(() => ({ near: world.place(), radiusKm: "60", sort: "distance" }))),
      byName: () => page(searches(() => ({ sort: "name" }))),
    });
    const p99 = (times: readonly number[][]) => times.map((one) => quantile(one, 0.99));
    const p50 = (times: readonly number[][]) => `${quantile(times.flat(), 0.5).toFixed(2)} ms`;
    const floor = { op: "<=", value: 3 } as const;
    const each = (counts: readonly number[], of: number) => Math.round(counts.reduce((sum, count) => sum + count, 0) / counts.length / of);
    const bare = rounds.doctor.map((one) => one.bare);
    const limit = { id: "scan", unit: "ms p99, busy", values: p99(bare) };
    const line = (id: string, what: string, side: "first" | "again" | "http") => {
      const times = rounds.doctor.map((one) => one[side]);
      const note = `p50 ${p50(times)}, scan ${p50(bare)}; ${each(
        rounds.doctor.map((one) => one.slots),
        questionsPerRound,
      )} times out of ${each(
        rounds.doctor.map((one) => one.rows),
        questionsPerRound,
      )} rows`;
      return measure({ id, what, unit: "ms p99", values: p99(times), limit, floor, note });
    };
    const pages = (id: string, what: string, of: typeof rounds.byName) => {
      const [scans, times, served] = [of.map((one) => one.bare), of.map((one) => one.action), of.map((one) => one.http)];
      const limit = { id: "scan", unit: "ms p99, next openings", values: p99(scans) };
      const note = `p50 ${p50(times)}, HTTP ${p50(served)}, scan ${p50(scans)}; ${each(
        of.map((one) => one.doctors),
        questionsPerRound,
      )} doctors`;
      return [
        measure({ id, what: `${what}: the action`, unit: "ms p99", values: p99(times), limit, floor, note }),
        measure({ id: `${id}h`, what: `${what}: the service's app over HTTP`, unit: "ms p99", values: p99(served), limit, floor }),
      ];
    };
    return [
      line("S1", "a doctor's month of bookable times: the action, the doctor's facts in memory", "again"),
      line("S1c", "the same of a doctor who has not been read yet", "first"),
      line("S1h", "the same over HTTP, facts in memory", "http"),
      ...pages("S2", "next openings of fifty doctors, by name", rounds.byName),
      ...pages("S2p", "next openings of fifty doctors, nearest first within 60 km", rounds.byPlace),
    ];
  },
};

const dayAhead = (count: number) => new Date(Date.now() + count * 86_400_000).toISOString().slice(0, 10);

/** A database as the service's own migrations make it. */
async function scratch(context: BenchContext, service: "appointment" | "doctor"): Promise<TestDatabase> {
  const database = await testDatabase({ migrations: `svc/${service}/migrations` });
  context.onEnd(() => database.close());
  return database;
}

/** A process that times questions on the service's own login: one line in, one line out. */
function openProbe<T>(
  context: BenchContext,
  { url }: TestDatabase,
  probe: { readonly script: string; readonly schema: z.ZodType<T> },
): (questions: readonly object[]) => Promise<T> {
  const script = fileURLToPath(new URL(`../../${probe.script}`, import.meta.url));
  const child = Bun.spawn([process.execPath, ...profilerFlags(), script, url], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines = linesOf(child.stdout);
  context.onEnd(async () => {
    await child.stdin.end();
    await child.exited;
  });
  return async (questions) => {
    child.stdin.write(`${JSON.stringify(questions)}\n`);
    await child.stdin.flush();
    const { value, done } = await lines.next();
    if (done) throw new Error(`${probe.script} ended`);
    return probe.schema.parse(JSON.parse(value));
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

/**
 * Ten thousand doctors, Monday to Friday with a pause at noon and visits of twenty minutes, and what has been booked of ninety days: six in ten of
 * the first days' times, fewer from week to week; one row in ten was cancelled. The same every time but for the day it starts on.
 */
async function plant(context: BenchContext, { owner: sql }: TestDatabase): Promise<void> {
  context.version("Postgres", String((await sql`show server_version`)[0]?.server_version));
  context.say(`planting ${doctorCount} doctors and their bookings`);
  const startedAt = performance.now();
  const windows = [1, 2, 3, 4, 5].flatMap((day) => [
    { day, from: "09:00", to: "12:00" },
    { day, from: "14:00", to: "18:00" },
  ]);
  await sql.unsafe(`
    insert into clinics (clinic_id, zone, name, address, changed_at)
      select 'cli_' || lpad(n::text, 32, '0'), 'Europe/Paris', 'Clinique ' || n, '1 rue A', now() from generate_series(0, ${clinicCount - 1}) n;
    insert into doctors (doctor_id, clinic_id, changed_at) select 'doc_' || lpad(n::text, 32, '0'), 'cli_' || lpad((n % ${clinicCount})::text, 32, '0'), now() from generate_series(0, ${doctorCount - 1}) n;
    insert into reasons (reason_id, doctor_id, minutes, is_online, cancel_hours) select 'rea_' || lpad(n::text, 32, '0'), 'doc_' || lpad(n::text, 32, '0'), 20, true, 24 from generate_series(0, ${doctorCount - 1}) n;
    insert into schedules (doctor_id, zone, windows, closures, notice_minutes, horizon_days, changed_at)
      select 'doc_' || lpad(n::text, 32, '0'), 'Europe/Paris', '${JSON.stringify(windows)}', '[]', 60, 120, now() from generate_series(0, ${doctorCount - 1}) n`);
  // Indexes over all are made once, as a restored backup makes them: by the product's own definitions.
  const indexes =
    await sql`select indexname as name, indexdef as definition from pg_indexes where tablename = 'busy' and indexname ~ '^busy_(doctor_until|holds|parts)$'`;
  const constraints =
    await sql`select conname as name, pg_get_constraintdef(oid) as definition from pg_constraint where conname in ('busy_no_overlap', 'busy_holder_key')`;
  await sql.unsafe(`
    set maintenance_work_mem = '256MB';
    set max_parallel_maintenance_workers = 0;
    ${indexes.map(({ name }) => `drop index ${name};`).join(" ")}
    ${constraints.map(({ name }) => `alter table busy drop constraint ${name};`).join(" ")}
    insert into busy (doctor_id, during, state, holder)
      select 'doc_' || lpad(n::text, 32, '0'), tstzrange(start, start + interval '20 minutes', '[)'), case when hashint8(n * 7919 + t) % 10 = 0 then 'released' else 'booked' end,
        'apt_' || n || '_' || day || '_' || t
      from generate_series(0, ${doctorCount - 1}) n cross join generate_series(0, ${days - 1}) day cross join generate_series(0, 20) t
      cross join lateral (
        select ((current_date + day)::timestamp + interval '9 hours' + interval '20 minutes' * (t + case when t < 9 then 0 else 6 end)) at time zone 'Europe/Paris' as start
      ) s
      where extract(isodow from current_date + day) < 6 and abs(hashint8((n * 90 + day) * 21 + t)::bigint) % 1000 < 600 * exp(-day::float8 / 25);
    ${indexes.map(({ definition }) => `${definition};`).join(" ")}
    ${constraints.map(({ name, definition }) => `alter table busy add constraint ${name} ${definition};`).join(" ")}
    analyze`);
  await sql`vacuum busy`;
  const [size] = await sql`select count(*)::int as rows, pg_size_pretty(pg_total_relation_size('busy')) as all from busy`;
  context.say(`${size?.rows} rows of busy, ${size?.all} with indexes, in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
}
