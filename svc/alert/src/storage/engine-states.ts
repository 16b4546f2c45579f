import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { Trend } from "../domain/trend.ts";
import { instantOf, texts } from "./rows.ts";

export interface StateKey {
  readonly patientId: string;
  readonly ruleId: string;
}
export interface StateRow extends StateKey {
  readonly state: string;
  readonly lastAt?: number;
  readonly lastValue?: number;
  readonly trend: Trend;
}

/** States of these patients and rules, as far as there are any, in one query. */
export async function loadStates(tx: Tx, keys: readonly StateKey[]): Promise<StateRow[]> {
  if (keys.length === 0) return [];
  const rows = await tx.execute(sql`
    select s.patient_id, s.rule_id, s.state, s.last_value, s.trend, (extract(epoch from s.last_at) * 1000)::float8 as last_ms from engine_states s
    join unnest(${texts(keys.map((key) => key.patientId))}, ${texts(keys.map((key) => key.ruleId))}) as k(patient_id, rule_id)
      on s.patient_id = k.patient_id and s.rule_id = k.rule_id`);
  return rows.map((row) => ({
    patientId: String(row.patient_id),
    ruleId: String(row.rule_id),
    state: String(row.state),
    trend: row.trend as Trend,
    ...(row.last_ms === null ? {} : { lastAt: Number(row.last_ms), lastValue: Number(row.last_value) }),
  }));
}

/** Writes states in one statement. */
export async function saveStates(tx: Tx, states: readonly StateRow[]): Promise<void> {
  if (states.length === 0) return;
  const rows = JSON.stringify(
    states.map(({ patientId, ruleId, state, lastAt, lastValue, trend }) => ({
      patient_id: patientId,
      rule_id: ruleId,
      state,
      last_at: lastAt === undefined ? null : new Date(lastAt).toISOString(),
      last_value: lastValue ?? null,
      trend,
    })),
  );
  await tx.execute(sql`
    insert into engine_states (patient_id, rule_id, state, last_at, last_value, trend)
    select patient_id, rule_id, state, last_at, last_value, trend
    from json_to_recordset(${rows}::json) as s(patient_id text, rule_id text, state text, last_at timestamptz, last_value float8, trend jsonb)
    on conflict (patient_id, rule_id) do update set state = excluded.state, last_at = excluded.last_at, last_value = excluded.last_value, trend = excluded.trend`);
}

/** Takes the blocks that reach an instant or beyond out of the store, oldest first: they go back in front of the state. */
export async function takeBlocks(tx: Tx, key: StateKey, fromMs: number): Promise<string[]> {
  const rows = await tx.execute(sql`
    with taken as (
      delete from engine_blocks where patient_id = ${key.patientId} and rule_id = ${key.ruleId} and to_at >= ${instantOf(fromMs)} returning to_at, block
    ) select block from taken order by to_at`);
  return rows.map((row) => String(row.block));
}

/** Writes blocks cut off states. */
export async function saveBlocks(tx: Tx, blocks: readonly (StateKey & { toAt: number; block: string })[]): Promise<void> {
  for (const { patientId, ruleId, toAt, block } of blocks) {
    await tx.execute(sql`
      insert into engine_blocks (patient_id, rule_id, to_at, block) values (${patientId}, ${ruleId}, ${instantOf(toAt)}, ${block})
      on conflict (patient_id, rule_id, to_at) do update set block = excluded.block, stored_at = now()`);
  }
}

/** Deletes blocks stored longer ago than the stream keeps readings: nothing that old can still arrive. */
export async function deleteOldBlocks(tx: Tx): Promise<void> {
  await tx.execute(sql`delete from engine_blocks where stored_at < now() - interval '80 hours'`);
}

/** Alerts of these patients closed by hand since the engine last looked; marked as taken in this transaction. */
export async function takeClosures(tx: Tx, patientIds: readonly string[]): Promise<(StateKey & { atMs: number })[]> {
  const rows = await tx.execute(sql`
    update hand_closures set taken = true where not taken and patient_id = any(${texts(patientIds)}) returning patient_id, rule_id, at_ms`);
  return rows.map((row) => ({ patientId: String(row.patient_id), ruleId: String(row.rule_id), atMs: Number(row.at_ms) }));
}
