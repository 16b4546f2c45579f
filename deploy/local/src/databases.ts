import type { ServiceName } from "@episante/contracts/session";
import postgres from "postgres";
import { postgresAdmin } from "./postgres.ts";
import type { Secrets } from "./secrets.ts";

/** Database of each service; the gateway has none. */
export const databaseOf = {
  patient: "patientdb",
  doctor: "doctordb",
  appointment: "appointmentdb",
  auth: "authdb",
  notification: "notifdb",
  ingest: "wearablesdb",
  alert: "alertdb",
  audit: "auditdb",
  pipeline: "golddb",
} as const satisfies Partial<Record<ServiceName, string>>;
export type DatabaseService = keyof typeof databaseOf;
export const databaseServices = Object.keys(databaseOf) as DatabaseService[];

/** Login of svc/doctor in the gold database: reads `mart.*`, nothing else. */
export const goldReader = "gold_reader";
/** Extensions that migrations rely on. */
const extensions = ["btree_gist", "pg_trgm", "unaccent"];

/** Connection URL of a login. */
export function databaseUrl(port: number, login: string, password: string, database: string): string {
  return `postgres://${login}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

export function ownerUrl(port: number, secrets: Secrets, database: string): string {
  return databaseUrl(port, `${database}_owner`, secrets.password(`${database}-owner.password`), database);
}

/** Writes the connection URLs that services are given as files; the port may have changed since the last start. */
export function writeDatabaseUrls(port: number, secrets: Secrets): void {
  for (const database of Object.values(databaseOf)) {
    secrets.put(`${database}-app.url`, databaseUrl(port, `${database}_app`, secrets.password(`${database}-app.password`), database));
  }
  secrets.put("gold-reader.url", databaseUrl(port, goldReader, secrets.password("gold-reader.password"), databaseOf.pipeline));
}

/**
 * Creates what is missing: per service a database, its owner (migrates, bypasses row-level security) and its login, member of the
 * group `app`. Each login can connect to its own database only. Passwords are set to the ones in the secrets. Safe to repeat.
 */
export async function ensureDatabases(port: number, secrets: Secrets): Promise<void> {
  const admin = postgres(databaseUrl(port, postgresAdmin, secrets.password("postgres-admin.password"), "postgres"), {
    max: 1,
    onnotice: () => {},
  });
  try {
    const roles = new Set((await admin`select rolname from pg_roles`).map((row) => String(row.rolname)));
    const databases = new Set((await admin`select datname from pg_database`).map((row) => String(row.datname)));
    const login = async (name: string, password: string, options: string) => {
      await admin.unsafe(`${roles.has(name) ? "alter" : "create"} role ${name} with login password '${password}' ${options}`);
    };
    if (!roles.has("app")) await admin.unsafe("create role app nologin");
    await admin.unsafe("revoke connect on database postgres, template1 from public");
    for (const database of Object.values(databaseOf)) {
      await login(`${database}_owner`, secrets.password(`${database}-owner.password`), "bypassrls");
      await login(`${database}_app`, secrets.password(`${database}-app.password`), "nobypassrls");
      await admin.unsafe(`grant app to ${database}_app`);
      if (!databases.has(database)) await admin.unsafe(`create database ${database} owner ${database}_owner`);
      await admin.unsafe(`revoke all on database ${database} from public`);
      await admin.unsafe(`grant connect, temporary on database ${database} to ${database}_app`);
    }
    await login(goldReader, secrets.password("gold-reader.password"), "nobypassrls");
    await admin.unsafe(`grant connect on database ${databaseOf.pipeline} to ${goldReader}`);
  } finally {
    await admin.end();
  }
  await Promise.all(Object.values(databaseOf).map((database) => ensureExtensions(port, secrets, database)));
}

async function ensureExtensions(port: number, secrets: Secrets, database: string): Promise<void> {
  const client = postgres(databaseUrl(port, postgresAdmin, secrets.password("postgres-admin.password"), database), {
    max: 1,
    onnotice: () => {},
  });
  try {
    for (const extension of extensions) await client.unsafe(`create extension if not exists ${extension}`);
  } finally {
    await client.end();
  }
}

/** Lets svc/doctor's login read every view and table of schema `mart`, present and future. Does nothing before the schema exists. */
export async function grantGoldReader(port: number, secrets: Secrets): Promise<void> {
  const database = databaseOf.pipeline;
  const client = postgres(ownerUrl(port, secrets, database), { max: 1, onnotice: () => {} });
  try {
    const [mart] = await client`select 1 from pg_namespace where nspname = 'mart'`;
    if (!mart) return;
    await client.unsafe(`grant usage on schema mart to ${goldReader}`);
    await client.unsafe(`grant select on all tables in schema mart to ${goldReader}`);
    await client.unsafe(`alter default privileges in schema mart grant select on tables to ${goldReader}`);
  } finally {
    await client.end();
  }
}
