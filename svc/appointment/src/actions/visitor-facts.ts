import type { Tx } from "@episante/service/db";
import type { Interval } from "../domain/calendar.ts";
import type { Question } from "../domain/rules.ts";
import { findBirthDate } from "../storage/births.ts";
import type { ReasonRow } from "../storage/doctors.ts";
import { isKnownToDoctor, listCappedStarts } from "../storage/taken.ts";

/** True when the rules of a reason look at other visits: of who comes, or of the day. */
export function countsVisits(reason: ReasonRow): boolean {
  return reason.visitors !== "all" || reason.dailyCap !== undefined;
}

/** True when the rules of a reason look at the age of who comes. */
function asksForAge(reason: ReasonRow): boolean {
  return reason.minAge !== undefined || reason.maxAge !== undefined;
}

/** True when the rules of a reason look at who comes, or at how many came that day. */
export function asksForVisitor(reason: ReasonRow): boolean {
  return countsVisits(reason) || asksForAge(reason);
}

/**
 * What the rules need to know of the visitor and of the day's visits; read only where the reason asks for it. Without a patient nothing is
 * said of the visitor. Sees what the transaction's grant lets be seen: it must be one for the patient.
 * @param period in which the starts lie that will be judged
 */
export async function findVisitorFacts(
  tx: Tx,
  { doctorId, reason }: { readonly doctorId: string; readonly reason: ReasonRow },
  { patientId, accountId, nowMs, ...period }: Interval & { patientId?: string | undefined; accountId: string; nowMs: number },
): Promise<Pick<Question, "visitor" | "sameReasonStarts">> {
  const [isKnown, birthDate, sameReasonStarts] = await Promise.all([
    patientId !== undefined && reason.visitors !== "all" ? isKnownToDoctor(tx, patientId, doctorId, nowMs) : undefined,
    patientId !== undefined && asksForAge(reason) ? findBirthDate(tx, patientId) : undefined,
    reason.dailyCap === undefined
      ? undefined
      : listCappedStarts(tx, {
          doctorId,
          reasonId: reason.reasonId,
          own: { accountId, nowMs },
          startMs: period.startMs - dayMs,
          endMs: period.endMs + dayMs,
        }),
  ]);
  return { visitor: { isKnown, birthDate }, ...(sameReasonStarts ? { sameReasonStarts } : {}) };
}

/** A cap counts the whole local day of a start. */
const dayMs = 86_400_000;
