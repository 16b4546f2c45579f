import { testDatabase } from "@episante/testkit/db";
import postgres from "postgres";
import { type Command, commandFor, committerOn, type Outcome } from "./booking-commands.ts";

/** Committers with a connection each, as many instances of the service would have. */
const instances = 4;
/** Times fought for at once, and how many want each. */
const times = 8;
const rivals = 200;
const minuteMs = 60_000;
const doctors = 4;

/** What a soak found. Everything but attempts, winners and times must be 0. */
export interface SoakReport {
  readonly attempts: number;
  readonly winners: number;
  readonly seconds: number;
  readonly attemptsPerSecond: number;
  /** What ten million attempts take at this rate. */
  readonly hoursForTenMillion: number;
  /** Times that had no winner, or more than one. */
  readonly notOneWinner: number;
  /** Pairs of taken times of one doctor that share time, looked for in the table itself. */
  readonly overlaps: number;
  /** As Postgres counts them. */
  readonly deadlocks: number;
  readonly faults: number;
}

/**
 * Lets many want the same few times, in several instances at once, until so many attempts were made. Visits of one time differ in start and
 * length, and all share one minute: exactly one of them can be written.
 */
export async function soakBookings(attempts: number, say: (text: string) => void): Promise<SoakReport> {
  const database = await testDatabase({ migrations: "svc/appointment/migrations" });
  const { owner } = database;
  const clients = Array.from({ length: instances }, () => postgres(database.url, { max: 1, onnotice: () => {} }));
  let faults = 0;
  const committers = clients.map((sql) => committerOn(sql, { onError: () => faults++ }));
  const submit = async (command: Command, instance: number): Promise<Outcome> =>
    (await committers[instance % instances]?.submit(command).catch(() => null)) ?? { outcome: "fault" };
  try {
    await owner`insert into doctors (doctor_id, clinic_id, changed_at) select 'doc_' || n, 'cli_1', now() from generate_series(0, ${doctors - 1}) n`;
    const startedAt = performance.now();
    let made = 0;
    let winners = 0;
    let notOneWinner = 0;
    for (let wave = 0, told = 0; made < attempts; wave++) {
      const outcomes = await Promise.all(
        Array.from({ length: times * rivals }, (_, index) => submit(rivalOf(wave * times + (index % times), index), index)),
      );
      const won = Array.from({ length: times }, () => 0);
      outcomes.forEach(({ outcome }, index) => {
        if (outcome === "written") won[index % times] = (won[index % times] ?? 0) + 1;
      });
      made += outcomes.length;
      winners += won.reduce((sum, count) => sum + count, 0);
      notOneWinner += won.filter((count) => count !== 1).length;
      const seconds = (performance.now() - startedAt) / 1000;
      if (seconds >= told + 10) {
        told = seconds;
        say(`${made} attempts, ${winners} winners, ${Math.round(made / seconds)} attempts/s`);
      }
    }
    const [found] = await owner`
      select count(*)::int as overlaps from (
        select during, lag(during) over (partition by doctor_id, lane order by lower(during)) as before from busy where state <> 'released'
      ) pairs where during && before`;
    // Postgres tells of a backend's deadlocks when that backend is idle or gone.
    await Promise.all(clients.map((sql) => sql.end({ timeout: 5 })));
    const [stat] = await owner`select deadlocks::int from pg_stat_database where datname = current_database()`;
    const seconds = (performance.now() - startedAt) / 1000;
    return {
      attempts: made,
      winners,
      seconds,
      attemptsPerSecond: Math.round(made / seconds),
      hoursForTenMillion: Math.round(((seconds / made) * 1e7) / 36) / 100,
      notOneWinner,
      overlaps: Number(found?.overlaps),
      deadlocks: Number(stat?.deadlocks),
      faults,
    };
  } finally {
    await Promise.all(clients.map((sql) => sql.end({ timeout: 5 })));
    await database.close();
  }
}

/** One of those who want a time: starts up to 20 minutes before its shared minute, lasts until after it. */
function rivalOf(time: number, index: number): Command {
  const shared = Date.UTC(2030, 0, 1) + Math.floor(time / doctors) * 60 * minuteMs + 30 * minuteMs;
  const startMs = shared - (index % 5) * 5 * minuteMs;
  const endMs = shared + (1 + (index % 3)) * 5 * minuteMs;
  return commandFor({ doctorId: `doc_${time % doctors}`, patientId: `pat_${index}`, startMs, endMs });
}

/** True when nothing was found that must not be. */
export function isSound({ notOneWinner, overlaps, deadlocks, faults }: SoakReport): boolean {
  return notOneWinner + overlaps + deadlocks + faults === 0;
}
