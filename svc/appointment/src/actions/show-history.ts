import type { ResponseOf } from "@episante/contracts/endpoint";
import { refuse } from "@episante/contracts/problem";
import { toInstant } from "@episante/contracts/time";
import type { visitHistory as endpoint, VisitEntry } from "@episante/contracts/visit";
import { defineAction } from "@episante/service/action";
import type { Deps } from "../deps.ts";
import type { FloorState } from "../domain/floor.ts";
import { type HistoryRow, listHistory } from "../storage/history.ts";
import { findVisit, type Place, type VisitRow } from "../storage/visits.ts";
import { accessVisit } from "./visit-access.ts";

/** Everything that happened to a visit, refused attempts too, oldest first. */
export const showHistory = defineAction<Deps, { readonly id: string }, ResponseOf<typeof endpoint>>({
  name: "appointment.history",
  access: accessVisit,
  run: async ({ input, tx, audit }) => {
    const visit = await findVisit(tx, input.id);
    if (!visit) return refuse("not-found");
    audit({ patientIds: [visit.patientId], entity: { type: "appointment", id: visit.id } });
    const rows = await listHistory(tx, visit.id);
    return { items: [booking(visit, rows), ...rows.map(toEntry)] };
  },
});

/** The booking itself: told by the visit, at the place it had before its first move. */
function booking(visit: VisitRow, rows: readonly HistoryRow[]): VisitEntry {
  const firstMove = rows.find(({ kind }) => kind === "moved");
  const here = { doctorId: visit.doctorId, start: toInstant(visit.startMs), end: toInstant(visit.endMs) };
  return {
    at: toInstant(visit.bookedMs),
    kind: "booked",
    ...(visit.channel ? { channel: visit.channel } : {}),
    ...(visit.seriesPlace ? { ofSeries: true } : {}),
    ...(visit.isImported ? { imported: true } : {}),
    later: { place: (firstMove?.former ?? here) as NonNullable<VisitEntry["former"]>["place"] },
  } as VisitEntry;
}

function toEntry(row: HistoryRow): VisitEntry {
  const origin = row.isOfSeries ? { ofSeries: true } : {};
  const entry = { at: toInstant(row.atMs), kind: row.kind, by: row.byKind, channel: row.channel, ...origin };
  switch (row.kind) {
    case "moved":
      return { ...entry, former: { place: row.former }, later: { place: row.later } } as VisitEntry;
    case "status":
    case "undone":
      return {
        ...entry,
        former: { state: stateOf(row.former as FloorState) },
        later: { state: stateOf(row.later as FloorState) },
      } as VisitEntry;
    case "refused":
      return {
        ...entry,
        attempt: row.attempt,
        code: row.code,
        ...(row.later ? { later: { place: row.later as Partial<Place> } } : {}),
      } as VisitEntry;
    case "cancelled":
      return { ...entry, ...(row.later ? { later: row.later } : {}) } as VisitEntry;
  }
}

function stateOf({ status, arrivedMs, inRoomMs, doneMs, excused }: FloorState) {
  const instant = (value: number | null) => (value === null ? undefined : toInstant(value));
  return { status, arrivedAt: instant(arrivedMs), inRoomAt: instant(inRoomMs), doneAt: instant(doneMs), excused: excused ?? undefined };
}
