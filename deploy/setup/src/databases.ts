import type { ServiceName } from "@episante/contracts/session";
import postgres from "postgres";
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

/** Login of an installation's database administrator: only the migrate step uses it. */
export const postgresAdmin = "episante_admin";
/** Login of svc/doctor in the gold database: reads `mart.*`, nothing else. */
export const goldReader = "gold_reader";
/** Login of the observer (postgres-exporter): statistics of the server, no table. */
export const databaseMonitor = "episante_monitor";
export const databaseMonitorPassword = "database-monitor.password";
/** Extensions that migrations rely on. */
const extensions = ["btree_gist", "pg_trgm", "unaccent"];

/** A Postgres server, and the file of its administrator's password. */
export interface DatabaseServer {
  readonly host: string;
  readonly port: number;
  readonly adminPasswordName: string;
}
/** Where a service's database is: natively one server for all, in containers one each. */
export type ServerOf = (service: DatabaseService) => DatabaseServer;
type Passwords = Pick<Secrets, "password">;

/** The native installation: one server on this machine. */
export function localServer(port: number): ServerOf {
  return () => ({ host: "127.0.0.1", port, adminPasswordName: "postgres-admin.password" });
}

/** Connection URL of a login. */
export function databaseUrl(
  { host, port }: Pick<DatabaseServer, "host" | "port">,
  login: string,
  password: string,
  database: string,
): string {
  return `postgres://${login}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
}

/** Connection URL of the role that owns a service's database. */
export function ownerUrl(serverOf: ServerOf, secrets: Passwords, service: DatabaseService): string {
  const database = databaseOf[service];
  return databaseUrl(serverOf(service), `${database}_owner`, secrets.password(`${database}-owner.password`), database);
}

/** Writes the connection URLs that services are given as files; an address may have changed since the last start. */
export function writeDatabaseUrls(serverOf: ServerOf, secrets: Secrets): void {
  for (const service of databaseServices) {
    const database = databaseOf[service];
    const password = secrets.password(`${database}-app.password`);
    secrets.put(`${database}-app.url`, databaseUrl(serverOf(service), `${database}_app`, password, database));
  }
  const gold = secrets.password("gold-reader.password");
  secrets.put("gold-reader.url", databaseUrl(serverOf("pipeline"), goldReader, gold, databaseOf.pipeline));
}

/**
 * Creates what is missing: per service a database, its owner (migrates, bypasses row-level security) and its login, member of the
 * group `app`. Each login can connect to its own database only. Passwords are set to the ones in the secrets. Safe to repeat.
 */
export async function ensureDatabases(serverOf: ServerOf, secrets: Passwords): Promise<void> {
  for (const service of databaseServices) {
    const server = serverOf(service);
    const database = databaseOf[service];
    await asAdmin(server, secrets, "postgres", async (admin) => {
      const roles = new Set((await admin`select rolname from pg_roles`).map((row) => String(row.rolname)));
      const login = async (name: string, password: string, options: string) => {
        await admin.unsafe(`${roles.has(name) ? "alter" : "create"} role ${name} with login password '${password}' ${options}`);
      };
      if (!roles.has("app")) await admin.unsafe("create role app nologin");
      await admin.unsafe("revoke connect on database postgres, template1 from public");
      await login(`${database}_owner`, secrets.password(`${database}-owner.password`), "bypassrls");
      await login(`${database}_app`, secrets.password(`${database}-app.password`), "nobypassrls");
      await admin.unsafe(`grant app to ${database}_app`);
      await login(databaseMonitor, secrets.password(databaseMonitorPassword), "nosuperuser nobypassrls connection limit 5");
      await admin.unsafe(`grant pg_monitor to ${databaseMonitor}`);
      const [exists] = await admin`select 1 from pg_database where datname = ${database}`;
      if (!exists) await admin.unsafe(`create database ${database} owner ${database}_owner`);
      await admin.unsafe(`revoke all on database ${database} from public`);
      await admin.unsafe(`grant connect, temporary on database ${database} to ${database}_app`);
      await admin.unsafe(`grant connect on database ${database} to ${databaseMonitor}`);
      if (service !== "pipeline") return;
      await login(goldReader, secrets.password("gold-reader.password"), "nobypassrls");
      await admin.unsafe(`grant connect on database ${database} to ${goldReader}`);
    });
    await asAdmin(server, secrets, database, async (admin) => {
      for (const extension of extensions) await admin.unsafe(`create extension if not exists ${extension}`);
    });
  }
}

async function asAdmin(
  server: DatabaseServer,
  secrets: Passwords,
  database: string,
  work: (admin: postgres.Sql) => Promise<void>,
): Promise<void> {
  const admin = postgres(databaseUrl(server, postgresAdmin, secrets.password(server.adminPasswordName), database), {
    max: 1,
    onnotice: () => {},
  });
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

/** Lets svc/doctor's login read every view and table of schema `mart`, present and future. Does nothing before the schema exists. */
export async function grantGoldReader(serverOf: ServerOf, secrets: Passwords): Promise<void> {
  const client = postgres(ownerUrl(serverOf, secrets, "pipeline"), { max: 1, onnotice: () => {} });
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
