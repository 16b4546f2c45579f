import type { WaitlistEntry } from "@episante/contracts/waitlist";

/** The reason for which an entry waits with one doctor; an entry may wait with several. */
export function reasonWith(entry: Pick<WaitlistEntry, "doctorId" | "reasonId" | "others">, doctorId: string): string | undefined {
  return [entry, ...entry.others].find((wish) => wish.doctorId === doctorId)?.reasonId;
}

/** Milliseconds until an offer can no longer be taken; 0 when it is over. */
export function leftOf(offer: { until: string }, nowMs: number): number {
  return Math.max(0, Date.parse(offer.until) - nowMs);
}

/** Minutes to answer as typed, or undefined when the API would refuse them. */
export function minutesOf(typed: string): number | undefined {
  const minutes = /^\d{1,4}$/.test(typed.trim()) ? Number(typed) : 0;
  return minutes >= 15 && minutes <= 2880 ? minutes : undefined;
}
