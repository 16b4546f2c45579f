import type { Signal } from "@episante/contracts/signals";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import { keyOf, type ReadingRow } from "../domain/readings.ts";
import { type Restored, restoreVersion } from "../domain/versions.ts";
import { countsBy, instantOf, instants, msOf, texts } from "./rows.ts";

/** Makes partitions for UTC days (`YYYY-MM-DD`). */
export async function ensureDays(tx: Tx, days: readonly string[]): Promise<void> {
  for (const day of days) await tx.execute(sql`select ensure_reading_day(${day}::date)`);
}

/** Inserts readings nobody has told yet, in one statement. Returns those whose (device, code, at) is already known. */
export async function insertNew(tx: Tx, rows: readonly ReadingRow[]): Promise<ReadingRow[]> {
  if (rows.length === 0) return [];
  const inserted = await tx.execute(sql`
    insert into readings (patient_id, signal, code, at, value, device_id, received_at, flag, boot, seq)
    select * from unnest(${texts(rows.map((row) => row.patientId))}, ${texts(rows.map((row) => row.signal))}, ${texts(rows.map((row) => row.code))},
      ${instants(rows.map((row) => row.at))}, ${sql.param(rows.map((row) => row.value))}::float8[], ${texts(rows.map((row) => row.deviceId))},
      ${instants(rows.map((row) => row.receivedAt))}, ${texts(rows.map((row) => row.flag ?? null))},
      ${texts(rows.map((row) => row.boot))}, ${sql.param(rows.map((row) => String(row.seq)))}::text[]::bigint[])
    on conflict do nothing returning device_id, code, ${msOf("at")} as at_ms`);
  if (inserted.length === rows.length) return [];
  const known = new Set(inserted.map((row) => keyOf({ deviceId: String(row.device_id), code: String(row.code), at: Number(row.at_ms) })));
  return rows.filter((row) => !known.has(keyOf(row)));
}

/** Of readings known by (device, code, at), each once: those whose current value is another. In one statement, as whole batches come twice. */
export async function withoutRepeats(tx: Tx, rows: readonly ReadingRow[]): Promise<ReadingRow[]> {
  if (rows.length === 0) return [];
  const same = await tx.execute(sql`
    select k.device_id, k.code, ${msOf("k.at")} as at_ms from ${keysOf(rows)}
    join readings r on r.patient_id = k.patient_id and r.signal = k.signal and r.at = k.at and r.device_id = k.device_id and r.code = k.code
    where r.value = k.value and not r.superseded`);
  const repeats = new Set(same.map((row) => keyOf({ deviceId: String(row.device_id), code: String(row.code), at: Number(row.at_ms) })));
  return rows.filter((row) => !repeats.has(keyOf(row)));
}

/** Readings as a table `k`. */
function keysOf(rows: readonly ReadingRow[]): SQL {
  return sql`unnest(${texts(rows.map((row) => row.patientId))}, ${texts(rows.map((row) => row.signal))}, ${texts(rows.map((row) => row.code))},
    ${instants(rows.map((row) => row.at))}, ${texts(rows.map((row) => row.deviceId))}, ${sql.param(rows.map((row) => row.value))}::float8[])
    with ordinality as k(patient_id, signal, code, at, device_id, value, i)`;
}

/**
 * Takes a repeated reading: the current value again changes nothing, another one becomes the next version and the current one. True when
 * something was written.
 */
export async function insertVersion(tx: Tx, row: ReadingRow): Promise<boolean> {
  const key = sql`patient_id = ${row.patientId} and signal = ${row.signal} and at = ${instantOf(row.at)} and device_id = ${row.deviceId} and code = ${row.code}`;
  const [current] = await tx.execute(sql`select version, value from readings where ${key} and not superseded for update`);
  if (current && Number(current.value) === row.value) return false;
  await tx.execute(sql`update readings set superseded = true where ${key} and not superseded`);
  await insertAs(tx, row, Number(current?.version ?? 0) + 1, false);
  return true;
}

/** Those of the readings that are not stored, whatever version, or of whose (device, code, at) no version counts; `isKnown` when another version is. */
export async function findLost(tx: Tx, rows: readonly ReadingRow[]): Promise<{ row: ReadingRow; isKnown: boolean }[]> {
  if (rows.length === 0) return [];
  const ofKey = sql`r.patient_id = k.patient_id and r.signal = k.signal and r.at = k.at and r.device_id = k.device_id and r.code = k.code`;
  // For the planner, as with roll-ups: partitions outside are not looked at.
  const bounds = sql`r.at >= ${instantOf(Math.min(...rows.map(({ at }) => at)))} and r.at <= ${instantOf(Math.max(...rows.map(({ at }) => at)))}`;
  const lost = await tx.execute(sql`
    select k.i, exists (select 1 from readings r where ${ofKey} and ${bounds}) as is_known from ${keysOf(rows)}
    where not exists (select 1 from readings r where ${ofKey} and ${bounds} and r.value = k.value)
      or not exists (select 1 from readings r where ${ofKey} and ${bounds} and not r.superseded) order by k.i`);
  return lost.flatMap(({ i, is_known }) => {
    const row = rows[Number(i) - 1];
    return row ? [{ row, isKnown: is_known === true }] : [];
  });
}

/** Puts a lost reading back among the versions that are left, or lets the last of them count again. Null when there was nothing to do. */
export async function insertLost(tx: Tx, row: ReadingRow): Promise<Restored["kind"] | null> {
  const key = sql`patient_id = ${row.patientId} and signal = ${row.signal} and at = ${instantOf(row.at)} and device_id = ${row.deviceId} and code = ${row.code}`;
  const known = await tx.execute(
    sql`select version, value, superseded, ${msOf("received_at")} as received_ms from readings where ${key} for update`,
  );
  const restored = restoreVersion(
    known.map((one) => ({
      version: Number(one.version),
      value: Number(one.value),
      receivedAt: Number(one.received_ms),
      isSuperseded: one.superseded === true,
    })),
    row,
  );
  if (!restored) return null;
  if (restored.kind === "promote") {
    await tx.execute(sql`update readings set superseded = false where ${key} and version = ${restored.version}`);
    return restored.kind;
  }
  if (!restored.isSuperseded) await tx.execute(sql`update readings set superseded = true where ${key} and not superseded`);
  await insertAs(tx, row, restored.version, restored.isSuperseded);
  return restored.kind;
}

async function insertAs(tx: Tx, row: ReadingRow, version: number, isSuperseded: boolean): Promise<void> {
  await tx.execute(sql`
    insert into readings (patient_id, signal, code, at, value, device_id, received_at, flag, boot, seq, version, superseded)
    values (${row.patientId}, ${row.signal}, ${row.code}, ${instantOf(row.at)}, ${row.value}, ${row.deviceId}, ${instantOf(row.receivedAt)},
      ${row.flag ?? null}, ${row.boot}, ${String(row.seq)}::bigint, ${version}, ${isSuperseded})`);
}

export interface Range {
  readonly signal: Signal;
  readonly fromMs: number;
  readonly toMs: number;
}
const inRange = ({ signal, fromMs, toMs }: Range) => sql`signal = ${signal} and at >= ${instantOf(fromMs)} and at < ${instantOf(toMs)}`;
const within = (range: Range) => sql`${inRange(range)} and not superseded`;

/** Readings of a patient in time order, flagged ones included, `limit` at most. */
export async function listRaw(
  tx: Tx,
  patientId: string,
  range: Range,
  limit: number,
): Promise<{ at: number; value: number; flag?: string }[]> {
  const rows = await tx.execute(sql`
    select ${msOf("at")} as at_ms, value, flag from readings where patient_id = ${patientId} and ${within(range)} order by at, value limit ${limit}`);
  return rows.map((row) => ({ at: Number(row.at_ms), value: Number(row.value), ...(row.flag ? { flag: String(row.flag) } : {}) }));
}

/** As `listRaw`, each version for itself in the order they arrived, with who sent it when. `boot` and `seq` are absent for what was stored long ago. */
export async function listVersions(tx: Tx, patientId: string, range: Range, limit: number) {
  const rows = await tx.execute(sql`
    select ${msOf("at")} as at_ms, value, flag, code, device_id, version, superseded, ${msOf("received_at")} as received_ms, boot, seq from readings
    where patient_id = ${patientId} and ${inRange(range)} order by at, code, device_id, version limit ${limit}`);
  return rows.map((row) => ({
    at: Number(row.at_ms),
    value: Number(row.value),
    ...(row.flag ? { flag: String(row.flag) } : {}),
    code: String(row.code),
    deviceId: row.device_id as `dev_${string}`,
    version: Number(row.version),
    ...(row.superseded ? { superseded: true as const } : {}),
    receivedAt: Number(row.received_ms),
    ...(row.boot === null ? {} : { boot: String(row.boot), seq: Number(row.seq) }),
  }));
}

/** The last reading of each of these signals. */
export async function listLatest(tx: Tx, patientId: string, signals: readonly string[]) {
  const rows = await tx.execute(sql`
    select l.signal, l.code, l.value, l.device_id, l.flag, ${msOf("l.at")} as at_ms
    from unnest(${texts(signals)}) as s(signal)
    cross join lateral (
      select * from readings r where r.patient_id = ${patientId} and r.signal = s.signal and not r.superseded order by r.at desc limit 1
    ) l order by l.signal`);
  return rows.map((row) => ({
    signal: row.signal as Signal,
    code: String(row.code),
    value: Number(row.value),
    at: Number(row.at_ms),
    deviceId: String(row.device_id),
    ...(row.flag ? { flag: String(row.flag) } : {}),
  }));
}

/** Number of readings in a range, to refuse what cannot be answered whole. Counts no further than `limit`. */
export async function countRange(tx: Tx, patientIds: readonly string[], range: Range, limit: number): Promise<number> {
  const [row] = await tx.execute(sql`
    select count(*) as n from (select 1 from readings where patient_id = any(${texts(patientIds)}) and ${within(range)} limit ${limit}) few`);
  return Number(row?.n ?? 0);
}

/** Samples `[at ms, value, received ms]` per patient in time order; flagged ones stay out. */
export async function listSamples(
  tx: Tx,
  patientIds: readonly string[],
  range: Range,
): Promise<{ patientId: string; samples: [number, number, number][] }[]> {
  const rows = await tx.execute(sql`
    select patient_id, json_agg(json_build_array(${msOf("at")}, value, ${msOf("received_at")}) order by at, value) as samples
    from readings where patient_id = any(${texts(patientIds)}) and ${within(range)} and ${countsBy("flag")} group by patient_id order by patient_id`);
  return rows.map((row) => ({ patientId: String(row.patient_id), samples: row.samples as [number, number, number][] }));
}
