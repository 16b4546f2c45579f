import type { Database, Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import type { GoldTable } from "../domain/tables.ts";

/** One day or week of one gold table: rows as a JSON array, and the hash of the object they come from. */
export interface GoldPart {
  readonly table: GoldTable;
  readonly part: string;
  readonly sha256: string;
  readonly json: string;
}

/** Content hash of every gold part that stands in Postgres, keyed `table part`. */
export async function listGoldParts(db: Database): Promise<Map<string, string>> {
  const rows = await db.drizzle.execute(sql`select table_name, part::text as part, sha256 from gold_parts`);
  return new Map(rows.map((row) => [`${String(row.table_name)} ${String(row.part)}`, String(row.sha256)]));
}

const clear: Record<GoldTable, (part: string) => SQL> = {
  vitals_daily: (part) => sql`delete from vitals_daily where day = ${part}`,
  alerts_daily: (part) => sql`delete from alerts_daily where day = ${part}`,
  appointments_weekly: (part) => sql`delete from appointments_weekly where week_start = ${part}`,
};
const fill: Record<GoldTable, (json: string) => SQL> = {
  vitals_daily: (json) => sql`
    insert into vitals_daily (day, patient_id, signal, unit, n, min, mean, max)
    select x.* from jsonb_to_recordset(${json}::text::jsonb) as x(day date, patient_id text, signal text, unit text, n bigint,
      min double precision, mean double precision, max double precision)`,
  alerts_daily: (json) => sql`
    insert into alerts_daily (day, patient_id, severity, n, acked, ack_seconds)
    select x.* from jsonb_to_recordset(${json}::text::jsonb) as x(day date, patient_id text, severity text, n bigint, acked bigint, ack_seconds double precision[])`,
  appointments_weekly: (json) => sql`
    insert into appointments_weekly (week_start, doctor_id, booked, cancelled)
    select x.* from jsonb_to_recordset(${json}::text::jsonb) as x(week_start date, doctor_id text, booked bigint, cancelled bigint)`,
};

/** Replaces parts of gold. The caller's transaction makes the change visible at once. System context. */
export async function replaceGoldParts(tx: Tx, parts: readonly GoldPart[]): Promise<void> {
  for (const part of parts) {
    await tx.execute(clear[part.table](part.part));
    await tx.execute(fill[part.table](part.json));
    await tx.execute(sql`
      insert into gold_parts (table_name, part, sha256) values (${part.table}, ${part.part}, ${part.sha256})
      on conflict (table_name, part) do update set sha256 = excluded.sha256`);
  }
}

/** Notes what the gold of each day was built from, and, when anything changed, when. */
export async function markBuilt(tx: Tx, days: readonly { day: string; inputs: string }[], isChanged: boolean, atMs: number): Promise<void> {
  const at = new Date(atMs).toISOString();
  if (days.length > 0) {
    await tx.execute(sql`
      insert into built_days (day, inputs, built_at)
      select x.day, x.inputs, ${at}::timestamptz from jsonb_to_recordset(${JSON.stringify(days)}::text::jsonb) as x(day date, inputs text)
      on conflict (day) do update set inputs = excluded.inputs, built_at = excluded.built_at where built_days.inputs <> excluded.inputs`);
  }
  await tx.execute(
    isChanged
      ? sql`insert into gold_built (at) values (${at}) on conflict (one) do update set at = excluded.at`
      : sql`insert into gold_built (at) values (${at}) on conflict (one) do nothing`,
  );
}
