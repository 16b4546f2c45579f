import { isRefusal, type Refusal, refuse } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import { toInstant } from "@episante/contracts/time";
import type { Tx } from "@episante/service/db";
import type { Interval } from "../domain/calendar.ts";
import { nearestFree } from "../domain/slots.ts";
import { listBusy } from "../storage/busy.ts";
import { type DoctorHours, findOffer, type ReasonRow } from "../storage/doctors.ts";
import { listResourceTimes, type Needs } from "../storage/resources.ts";
import { accountOf, worksAt } from "./viewpoint.ts";
import { findVisitorFacts } from "./visitor-facts.ts";

const dayMs = 86_400_000;

/** What is bookable: a doctor's hours for one of the doctor's open reasons. */
export interface Bookable extends DoctorHours {
  readonly reason: ReasonRow;
}

/** A doctor's hours for a reason; not found when the doctor or the reason is unknown, gone, or of somebody else. */
export async function findBookable(tx: Tx, doctorId: string, reasonId: string): Promise<Bookable | Refusal> {
  return bookableOf(await findOffer(tx, doctorId, reasonId));
}

/** What of an offer is bookable, or not found. */
export function bookableOf(offer: Awaited<ReturnType<typeof findOffer>>): Bookable | Refusal {
  if (!offer?.isActive || !offer.reason || offer.reason.isRetired) return refuse("not-found");
  return { ...offer, reason: offer.reason };
}

/** The rooms and devices that a visit needs. */
export function needsOf({ clinicId, reason }: Bookable): Needs {
  return { clinicId, types: reason.resourceTypes };
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
  actor: Actor,
): Promise<Refusal> {
  const { doctorId, reasonId } = wanted;
  const bookable = await findBookable(tx, doctorId, reasonId);
  if (isRefusal(bookable)) return refuse("slot-taken");
  const { schedule, reason } = bookable;
  const wantedMs = Date.parse(wanted.start);
  const accountId = accountOf(actor);
  const toMs = Math.max(nowMs, wantedMs) + ((reason.horizonDays ?? schedule.horizonDays) + 2) * dayMs;
  const period = { startMs: nowMs, endMs: toMs, nowMs };
  const [taken, facts, resources] = await Promise.all([
    listBusy(tx, { doctorId, fromMs: nowMs, toMs, nowMs, freeForAccountId: accountId }),
    findVisitorFacts(tx, bookable, { ...period, accountId }),
    listResourceTimes(tx, needsOf(bookable), { ...period, own: { accountId, doctorId } }),
  ]);
  const free = nearestFree({ ...bookable, ...facts, resources, nowMs, taken, byMember: worksAt(actor, bookable.clinicId) }, wantedMs, 3);
  return refuse("slot-taken", { extra: { alternatives: free.map((slot) => toSlot(slot, schedule.zone)) } });
}
