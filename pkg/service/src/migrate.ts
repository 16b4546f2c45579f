import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { z } from "zod";
import { version } from "./metrics.ts";

const platformFolder = fileURLToPath(new URL("../migrations", import.meta.url));
const migrationsSchema = "migrations";
const sets = (folder: string) => [
  { folder: platformFolder, table: "platform_migrations" },
  { folder, table: "service_migrations" },
];

/** Data that a newer version wrote. Nothing was changed. */
export class NewerDataError extends Error {
  override name = "NewerDataError";
  /** @param wroteIt the version that wrote it, when it is known @param what for example `the data folder` */
  constructor(what: string, wroteIt: string | null, runs: string = version) {
    const writer = wroteIt === null ? "a newer version" : `EpiSanté ${wroteIt}`;
    super(
      `${what} was written by ${writer}, and this is EpiSanté ${runs}. An older version cannot read it; nothing was changed. Start ${writer} again (or a newer one), or restore a backup that ${runs} made into an empty installation.`,
    );
  }
}

/** True when a version (`major.minor.patch`) is newer than the one that runs. */
export function isNewer(wroteIt: string, runs: string = version): boolean {
  return Bun.semver.order(wroteIt, runs) > 0;
}

interface MigrationInput {
  /** Connection of the database's owner role (may create roles and bypass row-level security). */
  readonly ownerUrl: string;
  readonly service?: string;
  /** The service's `migrations` folder. */
  readonly folder: string;
  /** The version that runs; another one only in tests. */
  readonly runs?: string;
}

/**
 * Brings a service's database to the current schema: the platform's migrations, then the service's own. Safe to repeat.
 * @throws NewerDataError when a newer version wrote the database; nothing is changed then
 */
export async function runMigrations({ ownerUrl, service = "the service", folder, runs = version }: MigrationInput): Promise<void> {
  const client = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    await refuseNewer(client, { service, folder, runs });
    const database = drizzle(client);
    for (const { folder: migrationsFolder, table } of sets(folder))
      await migrate(database, { migrationsFolder, migrationsTable: table, migrationsSchema });
    await client`create table if not exists migrations.written_by (one boolean primary key default true check (one), version text not null, at timestamptz not null)`;
    await client`
      insert into migrations.written_by (version, at) values (${runs}, now())
      on conflict (one) do update set version = excluded.version, at = excluded.at where written_by.version <> excluded.version`;
  } finally {
    await client.end();
  }
}

/**
 * Looks at a database before anything is changed: with several, all are looked at before the first is migrated.
 * @throws NewerDataError when a newer version wrote it
 */
export async function assertNotNewer({ ownerUrl, service = "the service", folder, runs = version }: MigrationInput): Promise<void> {
  const client = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    await refuseNewer(client, { service, folder, runs });
  } finally {
    await client.end();
  }
}

/** The version's name decides; for copies of the program that share one, migrations this one does not know. */
async function refuseNewer(
  client: postgres.Sql,
  { service, folder, runs }: { service: string; folder: string; runs: string },
): Promise<void> {
  const exists = async (table: string) =>
    (await client`select to_regclass(${`${migrationsSchema}.${table}`}) is not null as found`)[0]?.found === true;
  const [written] = (await exists("written_by")) ? await client`select version from migrations.written_by` : [];
  const wroteIt = written ? String(written.version) : null;
  if (wroteIt !== null && isNewer(wroteIt, runs)) throw new NewerDataError(`the database of ${service}`, wroteIt, runs);
  for (const set of sets(folder)) {
    if (!(await exists(set.table))) continue;
    const [last] = await client`select max(created_at)::text as at from ${client(migrationsSchema)}.${client(set.table)}`;
    if (Number(last?.at ?? 0) > lastMigration(set.folder)) throw new NewerDataError(`the database of ${service}`, null, runs);
  }
}

const journalSchema = z.object({ entries: z.array(z.object({ when: z.number() })) });

/** When the newest migration of a folder was made, ms: the drizzle migrator orders by it. */
function lastMigration(folder: string): number {
  const journal = journalSchema.parse(JSON.parse(readFileSync(join(folder, "meta", "_journal.json"), "utf8")));
  return Math.max(0, ...journal.entries.map(({ when }) => when));
}
