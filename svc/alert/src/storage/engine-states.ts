import type { Tx } from "@episante/service/db";
import { pipelined } from "@episante/service/pipelined";
import { type SQL, sql } from "drizzle-orm";
import type { Trend } from "../domain/trend.ts";
import { instantOf, texts } from "./rows.ts";

export interface StateKey {
  readonly patientId: string;
  readonly ruleId: string;
}
export interface StateRow extends StateKey {
  readonly state: string;
  /** What the state took in since it was written. */
  readonly tail: string;
  readonly lastAt?: number;
  readonly lastValue?: number;
  readonly trend: Trend;
  /** When the state decides something although nothing comes, ms. */
  readonly dueAt?: number;
}

/** States of these patients and rules, as far as there are any, in one query. */
export async function loadStates(tx: Tx, keys: readonly StateKey[]): Promise<StateRow[]> {
  if (keys.length === 0) return [];
  const rows = await tx.execute(sql`
    select s.patient_id, s.rule_id, s.state, s.tail, s.last_value, s.trend, (extract(epoch from s.last_at) * 1000)::float8 as last_ms,
      (extract(epoch from s.due_at) * 1000)::float8 as due_ms from engine_states s
    join unnest(${texts(keys.map((key) => key.patientId))}, ${texts(keys.map((key) => key.ruleId))}) as k(patient_id, rule_id)
      on s.patient_id = k.patient_id and s.rule_id = k.rule_id`);
  return rows.map((row) => ({
    patientId: String(row.patient_id),
    ruleId: String(row.rule_id),
    state: String(row.state),
    tail: String(row.tail),
    trend: row.trend as Trend,
    ...(row.last_ms === null ? {} : { lastAt: Number(row.last_ms), lastValue: Number(row.last_value) }),
    ...(row.due_ms === null ? {} : { dueAt: Number(row.due_ms) }),
  }));
}

/** A state as it moved on: whole, or only what it took in since it was last written whole. */
export type StateChange = Omit<StateRow, "state"> & { readonly state?: string };

/** Writes states: one statement for those that are whole, one for the others. Postgres leaves a long `state` that is not set where it is. */
export async function saveStates(tx: Tx, changes: readonly StateChange[]): Promise<void> {
  const [moved, whole] = [changes.filter(({ state }) => state === undefined), changes.filter(({ state }) => state !== undefined)];
  const writes: Promise<unknown>[] = [];
  const write = async (statement: SQL) => void (await tx.execute(statement));
  if (whole.length > 0) {
    writes.push(
      write(sql`
      insert into engine_states (patient_id, rule_id, state, tail, last_at, last_value, trend, due_at)
      select patient_id, rule_id, state, tail, last_at, last_value, trend, due_at from ${recordset(whole)}
      on conflict (patient_id, rule_id) do update set state = excluded.state, tail = excluded.tail, last_at = excluded.last_at,
        last_value = excluded.last_value, trend = excluded.trend, due_at = excluded.due_at`),
    );
  }
  if (moved.length > 0) {
    writes.push(
      write(sql`
      update engine_states e set tail = s.tail, last_at = s.last_at, last_value = s.last_value, trend = s.trend
      from ${recordset(moved)} where e.patient_id = s.patient_id and e.rule_id = s.rule_id`),
    );
  }
  await pipelined(writes);
}

function recordset(changes: readonly StateChange[]): SQL {
  const rows = changes.map(({ patientId, ruleId, state, tail, lastAt, lastValue, trend, dueAt }) => ({
    patient_id: patientId,
    rule_id: ruleId,
    state,
    tail,
    last_at: lastAt === undefined ? null : new Date(lastAt).toISOString(),
    last_value: lastValue ?? null,
    trend,
    due_at: dueAt === undefined ? null : new Date(dueAt).toISOString(),
  }));
  return sql`json_to_recordset(${JSON.stringify(rows)}::json)
    as s(patient_id text, rule_id text, state text, tail text, last_at timestamptz, last_value float8, trend jsonb, due_at timestamptz)`;
}

/** States with a deadline, past or not. */
export async function loadDue(tx: Tx): Promise<(StateKey & { readonly dueAt: number })[]> {
  const rows = await tx.execute(sql`
    select patient_id, rule_id, (extract(epoch from due_at) * 1000)::float8 as due_ms from engine_states where due_at is not null`);
  return rows.map((row) => ({ patientId: String(row.patient_id), ruleId: String(row.rule_id), dueAt: Number(row.due_ms) }));
}

/** Takes the blocks that reach an instant or beyond out of the store, oldest first: they go back in front of the state. */
export async function takeBlocks(tx: Tx, key: StateKey, fromMs: number): Promise<string[]> {
  const rows = await tx.execute(sql`
    with taken as (
      delete from engine_blocks where patient_id = ${key.patientId} and rule_id = ${key.ruleId} and to_at >= ${instantOf(fromMs)} returning to_at, block
    ) select block from taken order by to_at`);
  return rows.map((row) => String(row.block));
}

export interface StoredBlock extends StateKey {
  readonly toAt: number;
  readonly block: string;
}

/** Writes blocks cut off states, in one statement. */
export async function saveBlocks(tx: Tx, blocks: readonly StoredBlock[]): Promise<void> {
  if (blocks.length === 0) return;
  const column = (pick: (block: StoredBlock) => string) => texts(blocks.map(pick));
  await tx.execute(sql`
    insert into engine_blocks (patient_id, rule_id, to_at, block)
    select patient_id, rule_id, to_at::timestamptz, block from unnest(${column(({ patientId }) => patientId)}, ${column(({ ruleId }) => ruleId)},
      ${column(({ toAt }) => new Date(toAt).toISOString())}, ${column(({ block }) => block)}) as b(patient_id, rule_id, to_at, block)
    on conflict (patient_id, rule_id, to_at) do update set block = excluded.block, stored_at = now()`);
}

/** Deletes blocks stored longer ago than the stream keeps readings: nothing that old can still arrive. */
export async function deleteOldBlocks(tx: Tx): Promise<void> {
  await tx.execute(sql`delete from engine_blocks where stored_at < now() - interval '80 hours'`);
}

/** An alert closed by hand that the engine has not taken into its state yet. */
export interface Closure extends StateKey {
  readonly alertId: string;
  readonly atMs: number;
}

/** Alerts of these patients closed by hand since the engine last looked, locked until the commit. */
export async function openClosures(tx: Tx, patientIds: readonly string[]): Promise<Closure[]> {
  const rows = await tx.execute(sql`
    select alert_id, patient_id, rule_id, at_ms from hand_closures where not taken and patient_id = any(${texts(patientIds)}) order by alert_id for update`);
  return rows.map((row) => ({
    alertId: String(row.alert_id),
    patientId: String(row.patient_id),
    ruleId: String(row.rule_id),
    atMs: Number(row.at_ms),
  }));
}

/** Marks closures as taken into the states written in this transaction. */
export async function closeClosures(tx: Tx, closures: readonly Closure[]): Promise<void> {
  if (closures.length === 0) return;
  await tx.execute(sql`update hand_closures set taken = true where alert_id = any(${texts(closures.map(({ alertId }) => alertId))})`);
}
