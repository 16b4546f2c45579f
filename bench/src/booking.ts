import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { commandFor, committerOn, type Outcome } from "./booking-commands.ts";
import { type Bench, type BenchContext, measure } from "./harness.ts";
import { type Installation, prepareInstallation } from "./installation.ts";
import { callAsNobody, openSession } from "./session.ts";
import { median } from "./stats.ts";

/** At once, on every side: pgbench's 16 clients of limit L16. */
const atOnce = 16;
/** Requests in flight in one process that is asked for more than it can do: what its groups are made of then. */
const underLoad = 128;
/** Requests through the API at once: four times those of L16, so that groups form; what a patient waits then is told. */
const apiAtOnce = 64;
const sqlMs = 2_000;
/** Less than a mirror bears without a heartbeat, with room for the one before. */
const apiMs = 3_000;
/** Loads of that length before the rounds: a process that has just started compiles what it runs often, a tenth of what a booking costs. */
const warmUps = 3;
/** What works behind the events of a booking, and not on the way of the request. */
const behindEvents = ["patient", "doctor", "notification", "ingest", "alert", "audit", "pipeline"];
/** Longest that the next part waits for the events of the one before, ms. */
const quietMs = 60_000;
const newPatients = 12;
const sessionsEach = 3;
const doctors = 64;

/** B12 and B13: what a booking costs in SQL and through the API, against an insert of one row into a bare table of the same Postgres. */
export const booking: Bench = {
  name: "booking",
  describe: `bookings of different times, ${atOnce} at once: in SQL, and through gateway and API with session, audit and outbox`,
  maxSeconds: 600,
  async run(context) {
    const installation = await prepareInstallation(context, "demo");
    context.say("starting the product");
    await installation.up();
    const sql = await openScratch(context, installation);
    context.say("signing patients in");
    const api = await openApi(context, installation);
    const throughApi = async (lanes: number) => {
      const before = installation.cpuByProcess();
      const benchBefore = process.cpuUsage();
      const startedAt = performance.now();
      const rate = await perSecond(apiMs, api.bookNext, lanes, Math.floor(api.times / (warmUps + 2 * (context.rounds + 1))));
      const seconds = (performance.now() - startedAt) / 1000;
      const bench = process.cpuUsage(benchBefore);
      const perBooking = (cpuSeconds: number) => (cpuSeconds / (rate * seconds)) * 1000;
      const cpuMs: Record<string, number> = { "the bench itself": perBooking((bench.user + bench.system) / 1e6) };
      for (const [name, cpuSeconds] of Object.entries(installation.cpuByProcess()))
        cpuMs[name] = perBooking(cpuSeconds - (before[name] ?? 0));
      return { rate, cpuMs };
    };
    const alone = () => installation.without(behindEvents, () => throughApi(apiAtOnce));
    const drain = () => secondsUntil(api.isDrained);
    const behind = () => installation.quiet(quietMs);
    context.say("warming up");
    for (let count = 0; count < warmUps; count++) {
      await alone();
      await drain();
      await behind();
    }
    const rounds = await context.interleave({
      bare: () => perSecond(sqlMs, sql.bare),
      deciding: () => perSecond(sqlMs, sql.deciding),
      loaded: () => sql.costOf(() => perSecond(sqlMs, sql.commit, underLoad)),
      commit: () => sql.costOf(() => perSecond(sqlMs, sql.commit)),
      alone: () => perSecond(sqlMs, sql.commitAlone),
      api: alone,
      drain,
      behind,
      all: () => throughApi(atOnce),
      drainAll: drain,
      behindAll: behind,
    });
    const limit = { id: "L16", unit: "bare one-row inserts/s", values: rounds.bare };
    return [
      measure({
        id: "B12",
        what: `booking in SQL as the product writes it: what ${underLoad} callers have in flight goes through the product's committer and \`write_plain_visits\``,
        unit: "bookings/s",
        values: rounds.loaded.map(({ rate }) => rate),
        limit,
        floor: { op: ">=", value: 0.8 },
        note: `everything the product writes (lock, key, busy, visit, answer, event, audit record), none of what it reads to judge the request; ${costNote(rounds.loaded)}`,
      }),
      measure({
        id: "B12/16",
        what: `the same with ${atOnce} callers`,
        unit: "bookings/s",
        values: rounds.commit.map(({ rate }) => rate),
        limit,
        floor: null,
        note: costNote(rounds.commit),
      }),
      measure({
        id: "B12/1",
        what: "the same with groups of one: sixteen committers, each with one booking and one connection",
        unit: "bookings/s",
        values: rounds.alone,
        limit,
        floor: null,
      }),
      measure({
        id: "B12x",
        what: "of these, only the insert that decides: `busy` with its exclusion constraint (the form that L16 was first measured in)",
        unit: "inserts/s",
        values: rounds.deciding,
        limit,
        floor: null,
      }),
      measure({
        id: "B13",
        what: `POST /api/appointments, ${apiAtOnce} at once: gateway, session, token, limits, access, booking, audit record, outbox and its relay; what listens to the events stands still meanwhile`,
        unit: "bookings/s",
        values: rounds.api.map(({ rate }) => rate),
        limit,
        floor: { op: ">=", value: 0.25 },
        note: `${cpuNote(rounds.api.map(({ cpuMs }) => cpuMs))}; outbox empty ${median(rounds.drain).toFixed(1)} s after each round, all quiet ${median(rounds.behind).toFixed(0)} s later; ${api.refused()} refused`,
      }),
      measure({
        id: "B13/all",
        what: `the same with the whole product at work on the same cores, ${atOnce} at once (what B13 was until 2026-11-23)`,
        unit: "bookings/s",
        values: rounds.all.map(({ rate }) => rate),
        limit,
        floor: null,
        note: `${cpuNote(rounds.all.map(({ cpuMs }) => cpuMs))}; outbox empty ${median(rounds.drainAll).toFixed(1)} s after each round, all quiet ${median(rounds.behindAll).toFixed(0)} s later`,
      }),
    ];
  },
};

interface Cost {
  readonly rate: number;
  readonly groupSize: number;
  readonly postgresUs: number;
  readonly benchUs: number;
}

function costNote(rounds: readonly Cost[]): string {
  const middle = (of: (cost: Cost) => number) => median(rounds.map(of)).toFixed(0);
  const [size, server, client] = [middle((cost) => cost.groupSize), middle((cost) => cost.postgresUs), middle((cost) => cost.benchUs)];
  return `groups of ${size}, CPU per booking: Postgres ${server} µs, the bench ${client} µs`;
}

/** Milliseconds of CPU per booking: all processes of the product together, and each that has a share worth telling. */
function cpuNote(rounds: readonly Readonly<Record<string, number>>[]): string {
  const names = [...new Set(rounds.flatMap((round) => Object.keys(round)))];
  const shares = names.map((name) => [name, median(rounds.map((round) => round[name] ?? 0))] as const);
  const all = shares.reduce((sum, [name, ms]) => sum + (name === "the bench itself" ? 0 : ms), 0);
  const told = shares.filter(([, ms]) => ms >= 0.02).sort((a, b) => b[1] - a[1]);
  return `CPU ${all.toFixed(2)} ms per booking in all processes that ran: ${told.map(([name, ms]) => `${name} ${ms.toFixed(2)}`).join(", ")}`;
}

/** Calls `once` from so many lanes for a while, or until so many calls were begun. @returns finished calls per second */
async function perSecond(forMs: number, once: () => Promise<unknown>, lanes = atOnce, most = Number.POSITIVE_INFINITY): Promise<number> {
  const startedAt = performance.now();
  let [begun, count] = [0, 0];
  const lane = async () => {
    while (performance.now() - startedAt < forMs && begun++ < most) {
      await once();
      count++;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (count / (performance.now() - startedAt)) * 1000;
}

async function secondsUntil(isTrue: () => Promise<boolean>): Promise<number> {
  const startedAt = performance.now();
  while (!(await isTrue()) && performance.now() - startedAt < 15_000) await Bun.sleep(50);
  return (performance.now() - startedAt) / 1000;
}

/**
 * Copies of the booking tables in a schema of their own, with the same indexes, constraints, triggers and row security, so that no relay
 * publishes what is written. Used through the service's own login.
 */
async function openScratch(context: BenchContext, installation: Installation) {
  const owner = installation.owner("appointmentdb", 1);
  context.version("Postgres", String((await owner`show server_version`)[0]?.server_version));
  const tables = ["doctors", "busy", "holds", "appointments", "outbox", "idempotency", "published_openings"];
  // A copied table has no triggers and no foreign keys, and names its constraints anew.
  const also = await owner`
    select pg_get_triggerdef(t.oid) as definition from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where c.relnamespace = 'public'::regnamespace and c.relname in ${owner(tables)} and not t.tgisinternal
    union all
    select format('alter table public.%I add %s', c.relname, pg_get_constraintdef(f.oid)) from pg_constraint f join pg_class c on c.oid = f.conrelid
      where c.relnamespace = 'public'::regnamespace and c.relname in ${owner(tables)} and f.contype = 'f'`;
  await owner.unsafe(`
    create schema bench;
    set search_path = bench, public;
    create table bench.bare (id bigint generated always as identity primary key, at timestamptz not null default now(), note text not null);
    ${tables.map((name) => `create table bench.${name} (like public.${name} including all);`).join("\n")}
    do $$ declare c record; begin
      for c in select conname from pg_constraint where conrelid = 'bench.busy'::regclass and contype = 'x' loop
        execute format('alter table bench.busy rename constraint %I to busy_no_overlap', c.conname);
      end loop;
    end $$;
    ${also.map(({ definition }) => `${String(definition).replace(/(ON|table) public\./, "$1 bench.")};`).join("\n")}
    ${["appointments", "holds"]
      .map(
        (name) => `alter table bench.${name} enable row level security;
    create policy access on bench.${name} using (app_is_system() or app_patient_allowed(patient_id) or app_clinic_allowed(clinic_id));`,
      )
      .join("\n")}
    grant usage on schema bench to app;
    grant select, insert, update on all tables in schema bench to app;
    insert into bench.doctors (doctor_id, clinic_id, changed_at) select 'doc_' || n, 'cli_1', now() from generate_series(0, ${doctors - 1}) n`);
  const url = readFileSync(join(installation.data, "secrets", "appointmentdb-app.url"), "utf8").trim();
  const sql = postgres(url, { max: atOnce, onnotice: () => {}, connection: { search_path: "bench, public" } });
  context.onEnd(() => sql.end({ timeout: 1 }));
  let taken = 0;
  const patientId = `pat_${"0".repeat(32)}`;
  const nextCommand = () => {
    const number = taken++;
    const startMs = Date.UTC(2030, 0, 1) + Math.floor(number / doctors) * 1_200_000;
    return commandFor({ doctorId: `doc_${number % doctors}`, patientId, startMs, endMs: startMs + 1_200_000 });
  };
  let groups = 0;
  const group = committerOn(sql, { onWritten: () => groups++ });
  const alone = Array.from({ length: atOnce }, () => committerOn(sql, { atMost: 1 }));
  const written = ({ outcome }: Outcome) => {
    if (outcome !== "written") throw new Error(`a free time was refused: ${outcome}`);
  };
  const postgresSeconds = () => {
    const shares = Object.entries(installation.cpuByProcess());
    return shares.reduce((sum, [name, seconds]) => sum + (name.startsWith("postgres") ? seconds : 0), 0);
  };
  return {
    /** What bookings cost besides their time. All of Postgres is counted, so nothing else may use it meanwhile. */
    costOf: async (run: () => Promise<number>): Promise<Cost> => {
      const [before, benchBefore] = [postgresSeconds(), process.cpuUsage()];
      groups = 0;
      const first = taken;
      const rate = await run();
      const bench = process.cpuUsage(benchBefore);
      const bookings = taken - first;
      const postgres = postgresSeconds() - before;
      return {
        rate,
        groupSize: bookings / groups,
        postgresUs: (postgres * 1e6) / bookings,
        benchUs: (bench.user + bench.system) / bookings,
      };
    },
    bare: () => sql`insert into bench.bare (note) values ('x')`,
    deciding: () => {
      const { doctor_id: doctorId, busy_from: from, busy_to: to } = nextCommand();
      return sql`
        insert into busy (doctor_id, during, state, holder)
        values (${doctorId}, tstzrange(${from}::text::timestamptz, ${to}::text::timestamptz, '[)'), 'booked', ${randomUUID()})
        on conflict do nothing returning id`;
    },
    commit: async () => written(await group.submit(nextCommand())),
    commitAlone: async () => {
      const own = alone.pop();
      if (!own) throw new Error("more callers than committers");
      written(await own.submit(nextCommand()));
      alone.push(own);
    },
  };
}

/** Signed-in patients, and times of all doctors in random order over what is bookable. */
async function openApi(context: BenchContext, installation: Installation) {
  const { url } = installation;
  const demo = installation.demo();
  const people = demo.accounts.filter(({ role }) => role === "patient").map(({ email, password }) => ({ email, password }));
  for (let number = 0; number < newPatients; number++) {
    const login = { email: `bench-${number}@patients.example`, password: `a long password ${randomUUID()}` };
    const person = { ...login, givenName: "Bench", familyName: `P${number}`, birthDate: "1970-01-01", locale: "fr" };
    await callAsNobody(url, "POST", "/api/auth/register", person);
    people.push(login);
  }
  await openRoundTheClock(url, demo);
  const cookies: string[] = [];
  for (const login of people) {
    for (let count = 0; count < sessionsEach; count++) cookies.push((await openSession(url, "/api/auth/login", login)).session.cookie);
  }
  const times = shuffled((await Promise.all(demo.doctors.map((doctor) => timesOf(url, doctor)))).flat());
  if (times.length < 5_000) throw new Error(`only ${times.length} bookable times`);
  const outbox = installation.owner("appointmentdb", 1);
  let next = 0;
  let refused = 0;
  context.say(`${cookies.length} sessions, ${times.length} bookable times`);
  return {
    times: times.length,
    refused: () => refused,
    bookNext: async () => {
      const time = times[next];
      const cookie = cookies[next++ % cookies.length];
      if (!time || !cookie) throw new Error("every time is booked");
      const answer = await fetch(`${url}/api/appointments`, {
        method: "POST",
        headers: { "content-type": "application/json", cookie, "idempotency-key": randomUUID() },
        body: JSON.stringify(time),
      });
      await answer.text();
      if (answer.status !== 201) refused++;
    },
    isDrained: async () => (await outbox`select 1 from public.outbox limit 1`).length === 0,
  };
}

/** Gives every doctor of the demo clinic hours by day and night: rounds of seconds use up the ordinary ones. */
async function openRoundTheClock(url: string, demo: ReturnType<Installation["demo"]>): Promise<void> {
  const receptionist = demo.accounts.find(({ role }) => role === "staff");
  const { session } = await openSession(url, "/api/auth/login", { email: receptionist?.email, password: receptionist?.password });
  const windows = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: "00:00", to: "23:59" }));
  for (const { id } of demo.doctors) {
    const schedule = { zone: "Europe/Paris", windows, closures: [], noticeMinutes: 60, horizonDays: 90 };
    await session.call("PUT", `/api/appointments/schedules/${id}`, schedule);
  }
}

/** Times from tomorrow on, of the doctor's shortest reason: what a patient is shown. */
async function timesOf(url: string, doctor: { id: string; reasons: { id: string; minutes: number }[] }) {
  const [reason] = [...doctor.reasons].sort((a, b) => a.minutes - b.minutes);
  const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
  const spans = [
    [1, 60],
    [61, 89],
  ] as const;
  const found: { doctorId: string; reasonId: string; start: string }[] = [];
  for (const [from, to] of spans) {
    const query = new URLSearchParams({ doctorId: doctor.id, reasonId: reason?.id ?? "", from: day(from), to: day(to) });
    const { items } = (await callAsNobody(url, "GET", `/api/appointments/slots?${query}`)) as { items: { start: string }[] };
    found.push(...items.map(({ start }) => ({ doctorId: doctor.id, reasonId: reason?.id ?? "", start })));
  }
  return found;
}

function shuffled<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, at: Math.random() }));
  return keyed.sort((a, b) => a.at - b.at).map(({ item }) => item);
}
