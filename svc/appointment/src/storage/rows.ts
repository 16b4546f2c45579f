import { type SQL, sql } from "drizzle-orm";

const [earliestMs, latestMs] = [0, Date.UTC(9999, 0)];

/** Milliseconds since the epoch as text, kept within 1970 to 9999, which Postgres and JavaScript write alike. */
export function instant(ms: number): string {
  return new Date(Math.min(Math.max(ms, earliestMs), latestMs)).toISOString();
}

/** Milliseconds since the epoch → a `timestamptz` parameter. */
export function at(ms: number): SQL {
  return sql`${instant(ms)}::timestamptz`;
}

/** A half-open `tstzrange` parameter. */
export function between(startMs: number, endMs: number): SQL {
  return sql`tstzrange(${at(startMs)}, ${at(endMs)}, '[)')`;
}

/** A `timestamptz` expression as milliseconds since the epoch. */
export function ms(expression: SQL): SQL {
  return sql`(extract(epoch from ${expression}) * 1000)::float8`;
}

/** A list of texts as one parameter, for `= any (…)`. */
export function texts(values: readonly string[]): SQL {
  return sql`(select array_agg(value) from jsonb_array_elements_text(${JSON.stringify(values)}::jsonb) as t (value))`;
}
