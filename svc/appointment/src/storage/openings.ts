import type { EventData } from "@episante/contracts/events";
import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import { at } from "./rows.ts";

export type Openings = EventData<"appointment.openings-changed">["openings"];

/** A doctor's openings as last stored, or null. */
export async function findOpenings(tx: Tx, doctorId: string): Promise<Openings | null> {
  const [row] = await tx.execute(sql`select openings from published_openings where doctor_id = ${doctorId}`);
  return row ? (row.openings as Openings) : null;
}

/**
 * Stores a doctor's next openings, under the doctor's lock. @param behindMs first instant behind all of them, null when not known
 * @returns true when they differ from what was stored (then others must hear of it)
 */
export async function saveOpenings(tx: Tx, doctorId: string, openings: Openings, dueMs: number, behindMs: number | null): Promise<boolean> {
  const [row] = await tx.execute(sql`
    insert into published_openings (doctor_id, openings, due_at, behind_at)
    values (${doctorId}, ${JSON.stringify(openings)}::jsonb, ${at(dueMs)}, ${behindMs === null ? sql`null` : at(behindMs)})
    on conflict (doctor_id) do update set openings = excluded.openings, due_at = excluded.due_at, behind_at = excluded.behind_at
    returning (select before.openings = published_openings.openings from published_openings before where before.doctor_id = ${doctorId}) as same`);
  return row?.same === null ? openings.length > 0 : row?.same !== true;
}

/** Doctors whose openings may have changed because time went by, most overdue first. */
export async function listDueDoctors(tx: Tx, nowMs: number, limit: number): Promise<string[]> {
  const rows = await tx.execute(sql`select doctor_id from published_openings where due_at <= ${at(nowMs)} order by due_at limit ${limit}`);
  return rows.map((row) => String(row.doctor_id));
}
