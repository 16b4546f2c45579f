import type { EventOf } from "@episante/contracts/events";
import type { Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { subjectOf, type Template } from "../domain/templates.ts";
import { queueMessages } from "../storage/messages.ts";

type VisitEvent =
  | EventOf<"appointment.booked">
  | EventOf<"appointment.moved">
  | EventOf<"appointment.cancelled">
  | EventOf<"appointment.status-changed">;

/**
 * Queues a message about each visit, but for those that came with a file of the clinic. Its language is chosen when it is sent; until then the
 * list shows the French subject.
 */
export async function queueVisitMessages(
  { tx, events, now }: { tx: Tx; events: readonly VisitEvent[]; now: number },
  template: Template,
): Promise<void> {
  const subject = subjectOf(template, "fr");
  const messages = events.flatMap(({ id: eventId, data, traceparent }) => {
    if ("imported" in data && data.imported) return [];
    const { patientId, clinicId, appointmentId } = data;
    return { id: newId("msg", now), eventId, patientId, clinicId, appointmentId, traceparent };
  });
  await queueMessages(tx, messages, { template, subject, nowMs: now });
}
