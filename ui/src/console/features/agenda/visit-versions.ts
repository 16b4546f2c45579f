import type { Appointment } from "@episante/contracts/appointment";

/**
 * Of two answers about one visit the newer one. The same version twice keeps what is there: nothing on screen is drawn anew. But the answer
 * that books a visit names no rooms: a later answer of the same version that does is the fuller one.
 */
export function newerOf(known: Appointment | undefined, answer: Appointment): Appointment {
  if (!known) return answer;
  const [before, after] = [known.version ?? 0, answer.version ?? 0];
  const isFuller = before === after && !known.resourceIds?.length && !!answer.resourceIds?.length;
  return before < after || isFuller ? answer : known;
}
