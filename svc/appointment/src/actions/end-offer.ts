import type { AppointmentId } from "@episante/contracts/ids";
import { toInstant } from "@episante/contracts/time";
import type { Tx } from "@episante/service/db";
import type { Emit } from "@episante/service/outbox";
import { type OfferRow, releaseOffered, saveOfferEnd } from "../storage/waitlist-offers.ts";

/** What an event about an offer says. */
export function factsOf(offer: OfferRow | Omit<OfferRow, "status">) {
  return {
    offerId: offer.id,
    entryId: offer.entryId,
    patientId: offer.patientId,
    clinicId: offer.clinicId,
    doctorId: offer.doctorId,
    reasonId: offer.reasonId,
    start: toInstant(offer.startMs),
    end: toInstant(offer.endMs),
  };
}

/** Ends an open offer and tells others. What it still holds is given back, so that the next who waits can have it. Under the doctor's lock. */
export async function endOffer(
  { tx, emit, now }: { tx: Tx; emit: Emit; now: number },
  offer: OfferRow,
  outcome: Exclude<OfferRow["status"], "open">,
  appointmentId?: AppointmentId,
): Promise<void> {
  await saveOfferEnd(tx, offer.id, { status: outcome, nowMs: now, ...(appointmentId ? { appointmentId } : {}) });
  if (offer.isHeld) await releaseOffered(tx, offer, now);
  await emit("waitlist.offer-ended", { ...factsOf(offer), outcome, ...(appointmentId ? { appointmentId } : {}) });
}
