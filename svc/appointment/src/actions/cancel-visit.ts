import { toInstant } from "@episante/contracts/time";
import { floorOf } from "../domain/floor.ts";
import { freeTime } from "../storage/busy.ts";
import { addHistory, type Doer } from "../storage/history.ts";
import { saveCancelled, type VisitRow } from "../storage/visits.ts";
import { doerOf } from "./doer.ts";
import type { Changing } from "./place-visit.ts";
import { worksAt } from "./viewpoint.ts";

/**
 * Cancels a visit that may be cancelled: its time is free, who and why is kept, others are told.
 * @param reason the patient sees it @param patientByLink who acts by a mail's link, whoever is signed in there
 */
export async function cancelVisit(
  { tx, actor, emit, now }: Changing,
  visit: VisitRow,
  reason: string | undefined,
  patientByLink?: Doer,
): Promise<void> {
  const { id, doctorId, patientId, clinicId, reasonId } = visit;
  // Half a character would be no JSON that Postgres keeps.
  const kept = reason?.toWellFormed() || undefined;
  const by = patientByLink ?? doerOf(actor, visit);
  await saveCancelled(tx, id, { accountId: by.accountId, kind: by.kind, reason: kept, nowMs: now });
  await freeTime(tx, id);
  await addHistory(tx, visit, by, { kind: "cancelled", former: floorOf(visit), ...(kept ? { later: { reason: kept } } : {}) }, now);
  await emit("appointment.cancelled", {
    appointmentId: id,
    doctorId,
    patientId,
    clinicId,
    reasonId,
    start: toInstant(visit.startMs),
    end: toInstant(visit.endMs),
    by: !patientByLink && worksAt(actor, clinicId) ? "clinic" : "patient",
  });
}
