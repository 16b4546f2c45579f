import type { Tx } from "@episante/service/db";
import { sql } from "drizzle-orm";
import type { FloorState } from "../domain/floor.ts";
import { at, ms } from "./rows.ts";
import type { ActorKind, Channel, Place, VisitRow } from "./visits.ts";

/** Who acts on a visit, and by which way. */
export interface Doer {
  readonly accountId: string;
  readonly kind: ActorKind;
  readonly channel: Channel;
}
/** What changed, or was tried in vain. */
export type Entry =
  | { readonly kind: "moved"; readonly former: Place; readonly later: Place }
  | { readonly kind: "cancelled"; readonly former: FloorState; readonly later?: { readonly reason: string } }
  | { readonly kind: "status" | "undone"; readonly former: FloorState; readonly later: FloorState }
  | { readonly kind: "refused"; readonly attempt: "move" | "cancel"; readonly code: string; readonly later?: Partial<Place> };

/** An entry as stored. */
export interface HistoryRow {
  readonly kind: Entry["kind"];
  readonly atMs: number;
  readonly byKind: ActorKind;
  readonly channel: Channel;
  readonly attempt: "move" | "cancel" | null;
  readonly code: string | null;
  readonly former: unknown;
  readonly later: unknown;
  /** Done to several visits of a series in one step. */
  readonly isOfSeries: boolean;
}

/** Adds an entry to the history of a visit. */
export async function addHistory(
  tx: Tx,
  visit: Pick<VisitRow, "id" | "patientId" | "clinicId">,
  by: Doer,
  entry: Entry,
  nowMs: number,
): Promise<void> {
  const [attempt, code] = entry.kind === "refused" ? [entry.attempt, entry.code] : [null, null];
  const former = "former" in entry ? JSON.stringify(entry.former) : null;
  const later = entry.later ? JSON.stringify(entry.later) : null;
  await tx.execute(sql`
    insert into visit_history (appointment_id, patient_id, clinic_id, at, kind, attempt, code, account_id, actor_kind, channel, former, later)
    values (${visit.id}, ${visit.patientId}, ${visit.clinicId}, ${at(nowMs)}, ${entry.kind}, ${attempt}, ${code}, ${by.accountId}, ${by.kind},
            ${by.channel}, ${former}::jsonb, ${later}::jsonb)`);
}

/** Everything that happened to a visit after its booking, oldest first, as far as the grant lets it be seen. */
export async function listHistory(tx: Tx, visitId: string): Promise<HistoryRow[]> {
  const rows = await tx.execute(sql`
    select kind, ${ms(sql`at`)} as at_ms, actor_kind, channel, attempt, code, former, later, of_series from visit_history
    where appointment_id = ${visitId} order by id`);
  return rows.map((row) => ({
    kind: row.kind as Entry["kind"],
    atMs: Number(row.at_ms),
    byKind: row.actor_kind as ActorKind,
    channel: row.channel as Channel,
    attempt: row.attempt as HistoryRow["attempt"],
    code: row.code === null ? null : String(row.code),
    former: row.former,
    later: row.later,
    isOfSeries: row.of_series === true,
  }));
}

/**
 * Takes the last status change of a visit that stands, or what cancelled it, and marks it undone.
 * @returns what the state was before it, or null when there is none
 */
export async function takeLast(tx: Tx, visitId: string, kind: "status" | "cancelled", nowMs: number): Promise<FloorState | null> {
  const [row] = await tx.execute(sql`
    update visit_history set undone_at = ${at(nowMs)} where id = (
      select id from visit_history where appointment_id = ${visitId} and kind = ${kind} and undone_at is null order by id desc limit 1)
    returning former`);
  // Cancellations of the first versions did not keep it: only what was booked could be cancelled.
  return row
    ? ((row.former as FloorState | null) ?? { status: "booked", arrivedMs: null, inRoomMs: null, doneMs: null, excused: null })
    : null;
}
