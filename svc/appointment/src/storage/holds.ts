import type { HoldId } from "@episante/contracts/ids";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { at, between, ms } from "./rows.ts";

/** A held time. `isLive` is false once it expired, was released, or became an appointment. */
export interface HoldRow {
  readonly id: HoldId;
  readonly accountId: string;
  readonly patientId: string | null;
  readonly clinicId: string;
  readonly doctorId: string;
  readonly reasonId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly zone: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly isLive: boolean;
}

/** An account's hold, or null: other people's holds do not exist for it. */
export async function findOwnHold(tx: Tx, id: string, accountId: string, nowMs: number): Promise<HoldRow | null> {
  const [row] = await tx.execute(sql`
    select h.*, ${ms(sql`h.starts_at`)} as start_ms, ${ms(sql`h.ends_at`)} as end_ms, ${ms(sql`h.created_at`)} as created_ms,
      ${ms(sql`h.expires_at`)} as expires_ms, coalesce(b.state = 'hold' and b.expires_at > ${at(nowMs)}, false) as is_live
    from holds h left join busy b on b.id = h.busy_id where h.id = ${id} and h.account_id = ${accountId}`);
  if (!row) return null;
  return {
    id: String(row.id) as HoldId,
    accountId,
    patientId: row.patient_id === null ? null : String(row.patient_id),
    clinicId: String(row.clinic_id),
    doctorId: String(row.doctor_id),
    reasonId: String(row.reason_id),
    startMs: Number(row.start_ms),
    endMs: Number(row.end_ms),
    zone: String(row.zone),
    createdMs: Number(row.created_ms),
    expiresMs: Number(row.expires_ms),
    isLive: row.is_live === true,
  };
}

/** Stores a hold whose time was just taken. */
export async function insertHold(tx: Tx, hold: Omit<HoldRow, "isLive">, busyId: string): Promise<void> {
  await tx.execute(sql`
    insert into holds (id, busy_id, account_id, patient_id, clinic_id, doctor_id, reason_id, starts_at, ends_at, zone, created_at, expires_at)
    values (${hold.id}, ${busyId}::bigint, ${hold.accountId}, ${hold.patientId}, ${hold.clinicId}, ${hold.doctorId}, ${hold.reasonId},
            ${at(hold.startMs)}, ${at(hold.endMs)}, ${hold.zone}, ${at(hold.createdMs)}, ${at(hold.expiresMs)})`);
}

/** Live holds of an account. Waits for parallel requests of the same account, so that a cap counted with it is a cap. */
export async function countLiveHolds(tx: Tx, accountId: string, nowMs: number): Promise<number> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${accountId}, 0))`);
  const [row] = await tx.execute(sql`
    select count(*)::int as n from holds h join busy b on b.id = h.busy_id
    where h.account_id = ${accountId} and b.state = 'hold' and b.expires_at > ${at(nowMs)}`);
  return Number(row?.n ?? 0);
}

/** Times of doctors that are held now. Reads `busy` only, which names nobody. */
export async function listHeldTimes(
  tx: Tx,
  doctorIds: readonly string[],
  nowMs: number,
): Promise<{ doctorId: string; startMs: number; endMs: number; expiresMs: number }[]> {
  const rows = await tx.execute(sql`
    select doctor_id, ${ms(sql`lower(during)`)} as start_ms, ${ms(sql`upper(during)`)} as end_ms, ${ms(sql`expires_at`)} as expires_ms
    from busy where state = 'hold' and expires_at > ${at(nowMs)} and doctor_id in (${sql.join(
      doctorIds.map((id) => sql`${id}`),
      sql`, `,
    )})
    order by during`);
  return rows.map((row) => ({
    doctorId: String(row.doctor_id),
    startMs: Number(row.start_ms),
    endMs: Number(row.end_ms),
    expiresMs: Number(row.expires_ms),
  }));
}

/** Gives back what an account holds with a doctor (all of it, or one hold). */
export async function releaseHolds(tx: Tx, which: { accountId: string; doctorId: string; holdId?: string; nowMs: number }): Promise<void> {
  const one = which.holdId ? sql`and h.id = ${which.holdId}` : sql``;
  const rows = await tx.execute(sql`
    update busy b set expires_at = ${at(which.nowMs)} from holds h
    where h.busy_id = b.id and h.account_id = ${which.accountId} and h.doctor_id = ${which.doctorId} and b.state = 'hold' ${one}
    returning ${ms(sql`lower(b.during)`)} as start_ms, ${ms(sql`upper(b.during)`)} as end_ms`);
  for (const row of rows) {
    const during = between(Number(row.start_ms), Number(row.end_ms));
    await tx.execute(sql`select remove_expired_holds(${which.doctorId}, ${during}, ${at(which.nowMs)})`);
  }
}

/** Keeps a live hold until another instant. @returns false when it is over meanwhile */
export async function extendHold(tx: Tx, holdId: string, expiresMs: number, nowMs: number): Promise<boolean> {
  const kept = await tx.execute(sql`
    update busy set expires_at = ${at(expiresMs)} where holder = ${holdId} and state = 'hold' and expires_at > ${at(nowMs)} returning id`);
  await tx.execute(sql`update holds set expires_at = ${at(expiresMs)} where id = ${holdId}`);
  return kept.length > 0;
}
