import type { Schedule } from "@episante/contracts/appointment";
import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import { toInstant } from "@episante/contracts/time";
import type { Tx } from "@episante/service/db";
import { type Interval, nearestFree } from "../domain/calendar.ts";
import { listBusy } from "../storage/busy.ts";
import { findOffer, type ReasonRow } from "../storage/doctors.ts";

const dayMs = 86_400_000;

/** What is bookable: a doctor's hours for one of the doctor's open reasons. */
export interface Bookable {
  readonly doctorId: string;
  readonly clinicId: string;
  readonly schedule: Schedule;
  readonly reason: ReasonRow;
}

/** A doctor's hours for a reason; not found when the doctor or the reason is unknown, gone, or of somebody else. */
export async function findBookable(tx: Tx, doctorId: string, reasonId: string): Promise<Bookable | Refusal> {
  return bookableOf(await findOffer(tx, doctorId, reasonId));
}

/** What of an offer is bookable, or not found. */
export function bookableOf(offer: Awaited<ReturnType<typeof findOffer>>): Bookable | Refusal {
  if (!offer?.isActive || !offer.reason || offer.reason.isRetired) return refuse("not-found");
  const { doctorId, clinicId, reason, schedule } = offer;
  return { doctorId, clinicId, reason, schedule };
}

/** A time as the API shows it. */
export function toSlot(slot: Interval, zone: string) {
  return { start: toInstant(slot.startMs), end: toInstant(slot.endMs), zone };
}

/** The refusal of a lost race, with up to three other times that are free at this moment for the caller. */
export async function slotTaken(
  tx: Tx,
  wanted: { readonly doctorId: string; readonly reasonId: string; readonly start: string },
  nowMs: number,
  accountId: string,
): Promise<Refusal> {
  const { doctorId, reasonId } = wanted;
  const bookable = await findBookable(tx, doctorId, reasonId);
  if (isRefusal(bookable)) return refuse("slot-taken");
  const { schedule, reason } = bookable;
  const toMs = nowMs + (schedule.horizonDays + 2) * dayMs;
  const busy = await listBusy(tx, { doctorId, fromMs: nowMs, toMs, nowMs, freeForAccountId: accountId });
  const free = nearestFree({ schedule, minutes: reason.minutes, nowMs, busy }, Date.parse(wanted.start), 3);
  return refuse("slot-taken", { extra: { alternatives: free.map((slot) => toSlot(slot, schedule.zone)) } });
}
