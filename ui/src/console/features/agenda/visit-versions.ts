import type { Appointment } from "@episante/contracts/appointment";

/** Of two answers about one visit the newer one. The same version twice keeps what is there: nothing on screen is drawn anew. */
export function newerOf(known: Appointment | undefined, answer: Appointment): Appointment {
  return known && (known.version ?? 0) >= (answer.version ?? 0) ? known : answer;
}
