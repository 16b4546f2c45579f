import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import type { Bucket, Sum } from "../domain/rollups.ts";
import type { Range } from "./readings.ts";
import { countsBy, instantOf, instants, msOf, texts } from "./rows.ts";

/** Seconds of a roll-up's step. */
export type Step = 60 | 3600;

/** Adds readings that were never in a roll-up to theirs: what came before is not read again, a thousand readings of a minute as little as ten. */
export async function addToRollups(tx: Tx, sums: readonly Sum[]): Promise<void> {
  if (sums.length === 0) return;
  const numbers = (pick: (sum: Sum) => number) => sql`${sql.param(sums.map(pick))}::float8[]`;
  await tx.execute(sql`
    insert into rollups as t (patient_id, signal, step, at, min, max, sum, n)
    select patient_id, signal, step::smallint, at, min, max, sum, n::integer
    from unnest(${texts(sums.map(({ patientId }) => patientId))}, ${texts(sums.map(({ signal }) => signal))}, ${numbers(({ stepSeconds }) => stepSeconds)},
      ${instants(sums.map(({ at }) => at))}, ${numbers(({ min }) => min)}, ${numbers(({ max }) => max)}, ${numbers(({ sum }) => sum)}, ${numbers(({ n }) => n)})
      as s(patient_id, signal, step, at, min, max, sum, n)
    on conflict (patient_id, signal, step, at) do update set min = least(t.min, excluded.min), max = greatest(t.max, excluded.max),
      sum = t.sum + excluded.sum, n = t.n + excluded.n`);
}

/**
 * Makes the roll-ups of these minutes, and of their hours, what the readings now say: computed again, not added to, so that late
 * readings, corrections and repeats are all the same to it. One reader at a time writes a patient's readings, so nothing races here.
 */
export async function refreshRollups(tx: Tx, minutes: readonly Bucket[], hours: readonly Bucket[]): Promise<void> {
  await mergeRollups(
    tx,
    60,
    minutes,
    (period) => sql`
    select min(value) as min, max(value) as max, sum(value) as sum, count(*)::int as n from readings r
    where ${period} and ${countsBy("r.flag")} and not r.superseded`,
  );
  await mergeRollups(
    tx,
    3600,
    hours,
    (period) => sql`
    select min(min) as min, max(max) as max, sum(sum) as sum, coalesce(sum(n), 0)::int as n from rollups r where ${period} and r.step = 60`,
  );
}

async function mergeRollups(tx: Tx, step: Step, buckets: readonly Bucket[], aggregate: (period: SQL) => SQL): Promise<void> {
  if (buckets.length === 0) return;
  const length = sql`${step}::int * interval '1 second'`;
  // The outer bounds are for the planner: partitions outside them are not looked at.
  const first = instantOf(Math.min(...buckets.map(({ at }) => at)));
  const last = instantOf(Math.max(...buckets.map(({ at }) => at)));
  const period = sql`r.patient_id = b.patient_id and r.signal = b.signal and r.at >= b.at and r.at < b.at + ${length} and r.at >= ${first} and r.at < ${last} + ${length}`;
  await tx.execute(sql`
    merge into rollups t using (
      select b.patient_id, b.signal, b.at, b.is_thinned, a.* from unnest(${texts(buckets.map(({ patientId }) => patientId))}, ${texts(buckets.map(({ signal }) => signal))},
        ${instants(buckets.map(({ at }) => at))}, ${texts(buckets.map(({ isThinned }) => String(isThinned === true)))}::boolean[]) as b(patient_id, signal, at, is_thinned)
      cross join lateral (${aggregate(period)}) a
    ) s on t.patient_id = s.patient_id and t.signal = s.signal and t.step = ${step}::smallint and t.at = s.at
    when matched and s.is_thinned and s.n <= t.n then do nothing
    when matched and s.n = 0 then delete
    when matched then update set min = s.min, max = s.max, sum = s.sum, n = s.n
    when not matched and s.n > 0 then insert (patient_id, signal, step, at, min, max, sum, n)
      values (s.patient_id, s.signal, ${step}::smallint, s.at, s.min, s.max, s.sum, s.n)`);
}

/** Roll-ups of a patient that overlap a range, in time order, `limit` at most: one scan of the primary key. */
export async function listRollups(tx: Tx, patientId: string, { signal, fromMs, toMs }: Range, step: Step, limit: number) {
  const rows = await tx.execute(sql`
    select ${msOf("at")} as at_ms, min, max, sum / n as mean, n from rollups
    where patient_id = ${patientId} and signal = ${signal} and step = ${step}::smallint
      and at > ${instantOf(fromMs - step * 1000)} and at < ${instantOf(toMs)} order by at limit ${limit}`);
  return rows.map((row) => ({
    at: Number(row.at_ms),
    min: Number(row.min),
    max: Number(row.max),
    mean: Number(row.mean),
    n: Number(row.n),
  }));
}
