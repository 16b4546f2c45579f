import { type SQL, sql } from "drizzle-orm";

/** An instant column as milliseconds since the epoch. */
export function msOf(column: string): SQL {
  return sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);
}

/** Milliseconds, or nothing, as a timestamptz value. */
export function instantOf(ms: number | undefined): SQL {
  return ms === undefined ? sql`null::timestamptz` : sql`${new Date(ms).toISOString()}::timestamptz`;
}

/** A list of texts as one parameter. */
export function texts(values: readonly string[]): SQL {
  return sql`${sql.param(values)}::text[]`;
}
