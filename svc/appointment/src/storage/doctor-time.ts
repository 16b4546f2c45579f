import type { Tx } from "@episante/service/db";
import { type SQL, sql } from "drizzle-orm";
import type { Interval } from "../domain/calendar.ts";
import { at } from "./rows.ts";

/** Longest that one visit takes of its doctor: a day and two buffers, ms. Bounds the scan of the index, which is by the end. */
const longestMs = (24 + 2 * 2) * 3_600_000;

/** What is taken of a doctor, and the version of the doctor's facts, both of one moment. */
export interface DoctorTime {
  /** Null for an unknown doctor. */
  readonly version: number | null;
  readonly taken: readonly (Interval & { /** Of a time that is held: its row in `busy`. */ readonly holdId?: string })[];
}

/** Times that nobody may take now, holds of everybody included: one index scan. Neither table has protected rows, so no transaction is needed. */
export async function readDoctorTime(
  db: Pick<Tx, "execute">,
  { doctorId, startMs, endMs, nowMs }: Interval & { doctorId: string; nowMs: number },
): Promise<DoctorTime> {
  // One row of text: a hundred rows of five values take the client longer than the scan.
  const [row] = await db.execute(sql`
    select d.version, (
      select string_agg(${epochMs(sql`lower(b.during)`)} || ' ' || ${epochMs(sql`upper(b.during)`)} || case b.state when 'hold' then ' ' || b.id else '' end, ',')
      from busy b where b.doctor_id = ${doctorId} and b.lane = 0 and b.state <> 'released'
        and upper(b.during) > ${at(startMs)} and upper(b.during) < ${at(endMs + longestMs)} and lower(b.during) < ${at(endMs)}
        and (b.expires_at is null or b.expires_at > ${at(nowMs)})
    ) as taken
    from doctors d where d.doctor_id = ${doctorId}`);
  const times = row?.taken ? String(row.taken).split(",") : [];
  const taken = times.map((text) => {
    const [start, end, holdId] = text.split(" ");
    return { startMs: Number(start), endMs: Number(end), ...(holdId === undefined ? {} : { holdId }) };
  });
  return { version: row ? Number(row.version) : null, taken };
}

/** `extract` would count in decimal numbers, which takes a quarter of the scan again. */
const epochMs = (instant: SQL) => sql`(date_part('epoch', ${instant}) * 1000)::bigint`;

/** Which taken times are the account's own holds with the doctor. Seen under the transaction's grant. */
export async function listOwnHolds(tx: Tx, accountId: string, doctorId: string): Promise<Set<string>> {
  const rows = await tx.execute(
    sql`select busy_id from holds where account_id = ${accountId} and doctor_id = ${doctorId} and busy_id is not null`,
  );
  return new Set(rows.map((row) => String(row.busy_id)));
}
