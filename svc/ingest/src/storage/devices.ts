import type { Device, DeviceEntry } from "@episante/contracts/device";
import type { Signal } from "@episante/contracts/signals";
import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import { instantOf, msOf, texts } from "./rows.ts";

export interface NewPairing {
  readonly id: string;
  readonly codeHash: string;
  readonly patientId: string;
  readonly clinicId: string;
  readonly createdBy: string;
  readonly expiresAtMs: number;
}

/** Keeps a pairing by the hash of its code. */
export async function insertPairing(tx: Tx, pairing: NewPairing): Promise<void> {
  await tx.execute(sql`
    insert into pairings (id, code_hash, patient_id, clinic_id, created_by, expires_at)
    values (${pairing.id}, ${pairing.codeHash}, ${pairing.patientId}, ${pairing.clinicId}, ${pairing.createdBy}, ${instantOf(pairing.expiresAtMs)})`);
}

/** The patient of a pairing code, without a row-level-security context; null for a code that was never given. */
export async function findPairingPatient(tx: Tx, codeHash: string): Promise<string | null> {
  const [row] = await tx.execute(sql`select patient_id from pairing_subject(${codeHash})`);
  return row ? String(row.patient_id) : null;
}

/** The pairing of a code, locked: of two devices with one code only one gets it. */
export async function findPairingForUpdate(tx: Tx, codeHash: string) {
  const [row] = await tx.execute(sql`
    select id, patient_id, clinic_id, used_at is not null as is_used, ${msOf("expires_at")} as expires_ms from pairings where code_hash = ${codeHash} for update`);
  if (!row) return null;
  return {
    id: String(row.id),
    patientId: row.patient_id as DeviceEntry["patientId"],
    clinicId: row.clinic_id as DeviceEntry["clinicId"],
    isUsed: row.is_used === true,
    expiresAtMs: Number(row.expires_ms),
  };
}

export async function markPairingUsed(tx: Tx, id: string, deviceId: string, nowMs: number): Promise<void> {
  await tx.execute(sql`update pairings set used_at = ${instantOf(nowMs)}, device_id = ${deviceId} where id = ${id}`);
}

/** Patient and clinic of a pairing, without a row-level-security context; null for an unknown id. */
export async function findPairingSubject(tx: Tx, id: string): Promise<{ patientId: string; clinicId: string } | null> {
  const [row] = await tx.execute(sql`select patient_id, clinic_id from pairing_owner(${id})`);
  return row ? { patientId: String(row.patient_id), clinicId: String(row.clinic_id) } : null;
}

export interface FirstReading {
  readonly signal: Signal;
  readonly code: string;
  readonly value: number;
  readonly atMs: number;
}

/** A pairing as it stands, with the device it became and that device's first reading. */
export async function findPairing(tx: Tx, id: string) {
  const [row] = await tx.execute(sql`
    select p.patient_id, ${msOf("p.expires_at")} as expires_ms, p.used_at is not null as is_used, p.device_id,
      s.first_signal, s.first_code, s.first_value, ${msOf("s.first_at")} as first_ms
    from pairings p left join device_status s on s.device_id = p.device_id where p.id = ${id}`);
  if (!row) return null;
  const [device] = row.device_id === null ? [] : await selectDevices(tx, sql`d.id = ${row.device_id}`);
  const first: FirstReading | null =
    row.first_signal === null
      ? null
      : { signal: row.first_signal as Signal, code: String(row.first_code), value: Number(row.first_value), atMs: Number(row.first_ms) };
  return {
    patientId: row.patient_id as Device["patientId"],
    expiresAtMs: Number(row.expires_ms),
    isUsed: row.is_used === true,
    device: device ?? null,
    first,
  };
}

export async function insertDevice(tx: Tx, device: DeviceEntry & { model: string; serial: string; pairedAtMs: number }): Promise<void> {
  await tx.execute(sql`
    insert into devices (id, patient_id, clinic_id, kind, model, serial, token_hash, paired_at)
    values (${device.deviceId}, ${device.patientId}, ${device.clinicId}, ${device.kind}, ${device.model}, ${device.serial}, ${device.tokenHash},
      ${instantOf(device.pairedAtMs)})`);
}

/** Patient and clinic of a device, without a row-level-security context; null for an unknown id. */
export async function findDeviceSubject(tx: Tx, id: string): Promise<{ patientId: string; clinicId: string } | null> {
  const [row] = await tx.execute(sql`select patient_id, clinic_id from device_subject(${id})`);
  return row ? { patientId: String(row.patient_id), clinicId: String(row.clinic_id) } : null;
}

function entryOf(row: Record<string, unknown>): DeviceEntry {
  return {
    deviceId: row.id as DeviceEntry["deviceId"],
    patientId: row.patient_id as DeviceEntry["patientId"],
    clinicId: row.clinic_id as DeviceEntry["clinicId"],
    kind: row.kind as DeviceEntry["kind"],
    tokenHash: String(row.token_hash),
  };
}

/** A device that is not revoked, locked for a change, as the registry bucket shows it; null when revoked or unknown. */
export async function findActiveForUpdate(tx: Tx, id: string): Promise<DeviceEntry | null> {
  const [row] = await tx.execute(
    sql`select id, patient_id, clinic_id, kind, token_hash from devices where id = ${id} and revoked_at is null for update`,
  );
  return row ? entryOf(row) : null;
}

/** True when the registry knows the device, revoked or not. */
export async function isKnownDevice(tx: Tx, id: string): Promise<boolean> {
  return (await tx.execute(sql`select 1 from devices where id = ${id}`)).length > 0;
}

/** Every device that is not revoked. System context only. */
export async function listActive(tx: Tx): Promise<DeviceEntry[]> {
  return (await tx.execute(sql`select id, patient_id, clinic_id, kind, token_hash from devices where revoked_at is null`)).map(entryOf);
}

export async function writeTokenHash(tx: Tx, id: string, tokenHash: string): Promise<void> {
  await tx.execute(sql`update devices set token_hash = ${tokenHash} where id = ${id}`);
}

/** Revokes a device. False when it already was, or is unknown. */
export async function markRevoked(tx: Tx, id: string, nowMs: number): Promise<boolean> {
  return (
    (await tx.execute(sql`update devices set revoked_at = ${instantOf(nowMs)} where id = ${id} and revoked_at is null returning 1`))
      .length > 0
  );
}

export interface DevicesWanted {
  readonly patientIds: readonly string[];
  readonly isActiveOnly: boolean;
  /** Only devices paired before this one. */
  readonly before?: string;
  readonly limit: number;
}

/** Devices of these patients, newest first. */
export function listDevices(tx: Tx, { patientIds, isActiveOnly, before, limit }: DevicesWanted): Promise<Device[]> {
  return selectDevices(
    tx,
    sql`d.patient_id = any(${texts(patientIds)}) ${isActiveOnly ? sql`and d.revoked_at is null` : sql``}
      ${before === undefined ? sql`` : sql`and d.id < ${before}`} order by d.id desc limit ${limit}`,
  );
}

/** Devices as their people see them. @param which the rest of the statement after `where` */
async function selectDevices(tx: Tx, which: SQL): Promise<Device[]> {
  const rows = await tx.execute(sql`
    select d.id, d.patient_id, d.kind, d.model, d.serial, ${msOf("d.paired_at")} as paired_ms, ${msOf("d.revoked_at")} as revoked_ms,
      ${msOf("s.last_seen_at")} as seen_ms, s.battery, s.worn, s.skew_ms, s.refused
    from devices d left join device_status s on s.device_id = d.id where ${which}`);
  const instant = (ms: unknown) => new Date(Number(ms)).toISOString();
  return rows.map((row) => ({
    id: row.id as Device["id"],
    patientId: row.patient_id as Device["patientId"],
    kind: row.kind as Device["kind"],
    model: String(row.model),
    serial: String(row.serial),
    pairedAt: instant(row.paired_ms),
    ...(row.seen_ms === null ? {} : { lastSeenAt: instant(row.seen_ms) }),
    ...(row.battery === null ? {} : { battery: Number(row.battery) }),
    ...(row.worn === null ? {} : { worn: row.worn === true }),
    ...(row.skew_ms === null ? {} : { skewSeconds: Math.round(Number(row.skew_ms) / 1000) }),
    ...(row.refused === null ? {} : { refusedReadings: Number(row.refused) }),
    ...(row.revoked_ms === null ? {} : { revokedAt: instant(row.revoked_ms) }),
  }));
}

export interface Seen {
  readonly deviceId: string;
  readonly patientId: string;
  readonly atMs: number;
  /** Null: not told. */
  readonly battery: number | null;
  readonly worn: boolean | null;
  readonly skewMs: number | null;
  /** Single readings refused, to be added to those before. */
  readonly refused: number;
  /** First reading of the device in what was stored; null: none. */
  readonly first: FirstReading | null;
}

/** Keeps when devices were last heard, and what they told about themselves: the newest of each that was told. */
export async function writeSeen(tx: Tx, seen: readonly Seen[]): Promise<void> {
  if (seen.length === 0) return;
  const ordered = seen.toSorted((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  await tx.execute(sql`
    insert into device_status as known (device_id, patient_id, last_seen_at, battery, worn, skew_ms, refused, first_signal, first_code, first_value, first_at)
    select * from unnest(${texts(ordered.map((one) => one.deviceId))}, ${texts(ordered.map((one) => one.patientId))},
      ${sql.param(ordered.map((one) => new Date(one.atMs).toISOString()))}::text[]::timestamptz[], ${sql.param(ordered.map((one) => one.battery))}::float8[],
      ${texts(ordered.map((one) => one.worn?.toString() ?? null))}::boolean[], ${sql.param(ordered.map((one) => one.skewMs))}::float8[]::bigint[],
      ${sql.param(ordered.map((one) => one.refused))}::float8[]::bigint[], ${texts(ordered.map((one) => one.first?.signal ?? null))},
      ${texts(ordered.map((one) => one.first?.code ?? null))}, ${sql.param(ordered.map((one) => one.first?.value ?? null))}::float8[],
      ${texts(ordered.map((one) => (one.first ? new Date(one.first.atMs).toISOString() : null)))}::timestamptz[])
    on conflict (device_id) do update set last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at), refused = known.refused + excluded.refused,
      first_at = case when known.first_signal is null then excluded.first_at else known.first_at end,
      first_code = coalesce(known.first_code, excluded.first_code), first_value = coalesce(known.first_value, excluded.first_value),
      first_signal = coalesce(known.first_signal, excluded.first_signal),
      battery = case when excluded.last_seen_at >= known.last_seen_at then coalesce(excluded.battery, known.battery) else known.battery end,
      worn = case when excluded.last_seen_at >= known.last_seen_at then coalesce(excluded.worn, known.worn) else known.worn end,
      skew_ms = case when excluded.last_seen_at >= known.last_seen_at then coalesce(excluded.skew_ms, known.skew_ms) else known.skew_ms end`);
}
