import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { Freed, OpenHours } from "../domain/waitlist.ts";
import { at, ms } from "./rows.ts";

/** Times of a doctor that became free and have not passed, earliest first. */
export async function listFreed(tx: Tx, doctorId: string): Promise<Freed[]> {
  const rows = await tx.execute(sql`
    select place, reason_ids, ${ms(sql`lower(during)`)} as start_ms, ${ms(sql`upper(during)`)} as end_ms from waitlist_freed
    where doctor_id = ${doctorId} order by during`);
  return rows.map((row) => ({
    place: Number(row.place),
    startMs: Number(row.start_ms),
    endMs: Number(row.end_ms),
    ...(row.reason_ids === null ? {} : { reasonIds: row.reason_ids as string[] }),
  }));
}

/** Notes hours that were opened. */
export async function addOpened(tx: Tx, doctorId: string, opened: readonly OpenHours[]): Promise<void> {
  const rows = opened.flatMap(({ reasonIds, open }) => open.map(({ startMs, endMs }) => ({ reasonIds, startMs, endMs })));
  if (rows.length === 0) return;
  await tx.execute(sql`
    insert into waitlist_freed (doctor_id, during, reason_ids)
    select ${doctorId}, tstzrange(to_timestamp(x."startMs" / 1000), to_timestamp(x."endMs" / 1000), '[)'), x."reasonIds"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x ("reasonIds" text[], "startMs" float8, "endMs" float8)`);
}

/** Forgets freed times that have passed. @param nowMs null: all of them, nobody waits */
export async function forgetFreed(tx: Tx, doctorId: string, nowMs: number | null): Promise<void> {
  const passed = nowMs === null ? sql`` : sql`and upper(during) <= ${at(nowMs)}`;
  await tx.execute(sql`delete from waitlist_freed where doctor_id = ${doctorId} ${passed}`);
}
