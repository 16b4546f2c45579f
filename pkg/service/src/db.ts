import { type SQL, sql } from "drizzle-orm";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";

/**
 * What an access decision granted, and so what row-level security lets the transaction see: rows of these patients,
 * of these clinics, everything (readers, consumers and jobs), or no protected row at all (`public`).
 */
export type Grant =
  | { readonly kind: "patients"; readonly ids: readonly string[]; readonly inClinic?: InClinic }
  | { readonly kind: "clinics"; readonly ids: readonly string[] }
  | { readonly kind: "public" }
  | { readonly kind: "system"; readonly job: string };

/**
 * Patients of whom only what belongs to one clinic may be seen, for a reason that stands in the audit record. A policy shows such rows only if it
 * asks `app_patient_allowed` for `patient@clinic` too; every other one hides them.
 */
export interface InClinic {
  readonly pairs: readonly { readonly patientId: string; readonly clinicId: string }[];
  readonly reason: string;
}

export const grant = {
  patients: (ids: readonly string[], inClinic?: InClinic): Grant => ({
    kind: "patients",
    ids,
    ...(inClinic && inClinic.pairs.length > 0 ? { inClinic } : {}),
  }),
  clinics: (ids: readonly string[]): Grant => ({ kind: "clinics", ids }),
  public: (): Grant => ({ kind: "public" }),
  system: (job: string): Grant => ({ kind: "system", job }),
};

export type Drizzle = PostgresJsDatabase;
export type Tx = Parameters<Parameters<Drizzle["transaction"]>[0]>[0];

/** Patients of whom a grant shows anything. */
export function patientsOf(granted: Grant): string[] {
  if (granted.kind !== "patients") return [];
  return [...new Set([...granted.ids, ...(granted.inClinic?.pairs ?? []).map(({ patientId }) => patientId)])];
}

export interface Database {
  /** Queries outside a granted transaction see no protected row. */
  readonly drizzle: Drizzle;
  /** Raw client with a pool of its own, for bulk work. Never hand it to drizzle: drizzle rewrites a client's serializers. */
  readonly bulk: postgres.Sql;
  /** Runs in one transaction whose row-level-security context is the grant. */
  transaction<T>(granted: Grant, run: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens the two pools of a service (5 + 2 connections). */
export function openDatabase(url: string, options: { max?: number; name?: string } = {}): Database {
  const shared = {
    onnotice: () => {},
    connection: { application_name: options.name ?? "episante", statement_timeout: 30_000 },
    idle_timeout: 60,
    connect_timeout: 5,
    // The client's own grows to 20 s with every connection that failed: far longer than a restart of the server.
    backoff: () => 0.1 + Math.random() * 0.2,
  };
  const client = postgres(url, { ...shared, max: options.max ?? 5 });
  const bulk = postgres(url, { ...shared, max: 2 });
  const database = drizzle(preparing(client));
  return {
    drizzle: database,
    bulk,
    transaction: (granted, run) =>
      database.transaction(async (tx) => {
        await setContext(tx, granted);
        return run(tx);
      }),
    close: async () => {
      await Promise.all([client.end({ timeout: 5 }), bulk.end({ timeout: 5 })]);
    },
  };
}

/** Texts longer than this, or with more parameters, are built for one occasion: keeping their plans would only cost memory. */
const longestPrepared = 4_000;
const mostParameters = 40;

/**
 * Drizzle sends every raw statement unprepared: parsed and planned each time, in two round trips. Seen through this, a statement with
 * parameters is prepared once per connection and then takes one trip, in which others may follow without waiting.
 */
function preparing<C extends postgres.ISql>(client: C): C {
  const unsafe: C["unsafe"] = (query, parameters, options) => {
    const count = parameters?.length ?? 0;
    const prepare = count > 0 && count <= mostParameters && query.length <= longestPrepared;
    return client.unsafe(query, parameters, prepare ? { ...options, prepare } : options);
  };
  // A transaction and a savepoint hand out a client of their own.
  const scoped = (run: (...given: unknown[]) => unknown) => {
    return (...given: unknown[]) =>
      run(
        ...given.map((one) =>
          typeof one === "function" ? (inner: postgres.TransactionSql) => (one as (client: unknown) => unknown)(preparing(inner)) : one,
        ),
      );
  };
  return new Proxy(client, {
    get(target, name) {
      if (name === "unsafe") return unsafe;
      const value: unknown = Reflect.get(target, name);
      return (name === "begin" || name === "savepoint") && typeof value === "function" ? scoped(value as () => unknown) : value;
    },
  });
}

/** Sets the row-level-security context of the current transaction. */
export async function setContext(tx: Tx, granted: Grant): Promise<void> {
  await tx.execute(contextOf(granted));
}

/** The statement of `setContext`, for one transaction that reads under several grants in turn. */
export function contextOf(granted: Grant): SQL {
  return sql`select ${contextColumns(granted)}`;
}

/** What sets the context when it is selected, for a statement that has more to say. */
export function contextColumns(granted: Grant): SQL {
  const pairs = granted.kind === "patients" ? (granted.inClinic?.pairs ?? []) : [];
  const patients =
    granted.kind === "patients" ? [...granted.ids, ...pairs.map(({ patientId, clinicId }) => `${patientId}@${clinicId}`)].join(",") : "";
  const clinics = granted.kind === "clinics" ? granted.ids.join(",") : "";
  const system = granted.kind === "system" ? granted.job : "";
  return sql`set_config('app.patients', ${patients}, true), set_config('app.clinics', ${clinics}, true), set_config('app.system', ${system}, true)`;
}

/**
 * A service never runs as owner, superuser or with BYPASSRLS: row-level security would not bind it.
 * @throws Error when the login could skip row-level security
 */
export async function assertRowSecurityBinds(database: Database): Promise<void> {
  const [row] = await database.bulk`
    select r.rolsuper or r.rolbypassrls as unbound, exists (select 1 from pg_tables t where t.schemaname = 'public' and t.tableowner = current_user) as owns
    from pg_roles r where r.rolname = current_user`;
  if (row?.unbound || row?.owns) throw new Error("the database login skips row-level security; use the service's app role");
}

interface PostgresFault {
  code?: string;
  constraint_name?: string;
}
function faultOf(error: unknown): PostgresFault {
  const cause = error instanceof Error && error.cause ? error.cause : error;
  return (cause ?? {}) as PostgresFault;
}

/** True for a unique violation (SQLSTATE 23505), of the named constraint when one is given. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const { code, constraint_name } = faultOf(error);
  return code === "23505" && (constraint === undefined || constraint_name === constraint);
}

/** True for an exclusion violation (SQLSTATE 23P01), of the named constraint when one is given. */
export function isExclusionViolation(error: unknown, constraint?: string): boolean {
  const { code, constraint_name } = faultOf(error);
  return code === "23P01" && (constraint === undefined || constraint_name === constraint);
}

/**
 * True when the transaction may be tried again: Postgres broke a deadlock or a serialisation conflict, or a migration changed a table
 * under a prepared statement (0A000), which is then prepared anew.
 */
export function isRetryable(error: unknown): boolean {
  const { code } = faultOf(error);
  return code === "40P01" || code === "40001" || code === "0A000";
}

/** True when Postgres has no room or no other means left (SQLSTATE class 53, `53100` disk full) or cannot use its disk (class 58): the request may be tried again later. */
export function isOutOfRoom(error: unknown): boolean {
  return /^(53|58)/.test(faultOf(error).code ?? "");
}

/** What postgres.js and the socket below it call a lost connection; SQLSTATE 57P01 to 57P03: the server is going, has crashed, is starting. */
const connectionFaults = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "57P01",
  "57P02",
  "57P03",
]);

/** True when the database could not be reached: the same request may be tried again in a moment. */
export function isUnreachable(error: unknown): boolean {
  return connectionFaults.has(faultOf(error).code ?? "");
}
