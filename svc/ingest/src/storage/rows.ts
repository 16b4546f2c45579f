import { withheldFlags } from "@episante/contracts/signals";
import { type SQL, sql } from "drizzle-orm";

/** An instant column as milliseconds since the epoch. */
export function msOf(column: string): SQL {
  return sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);
}

/** Milliseconds as a timestamptz value. */
export function instantOf(ms: number): SQL {
  return sql`${new Date(ms).toISOString()}::timestamptz`;
}

/** A list of texts as one parameter. */
export function texts(values: readonly (string | null)[]): SQL {
  return sql`${sql.param(values)}::text[]`;
}

/** A list of milliseconds as timestamptz values. As texts: drizzle has replaced the serializer of timestamptz arrays. */
export function instants(values: readonly number[]): SQL {
  return sql`${sql.param(values.map((ms) => new Date(ms).toISOString()))}::text[]::timestamptz[]`;
}

/** Whether a reading with this flag column counts: it is evaluated and rolled up. */
export function countsBy(column: string): SQL {
  return sql.raw(`coalesce(${column}, '') <> all ('{${withheldFlags.join(",")}}')`);
}
