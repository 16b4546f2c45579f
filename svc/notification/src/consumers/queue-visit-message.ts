import type { EventOf } from "@episante/contracts/events";
import type { Tx } from "@episante/service/db";
import { newId } from "@episante/service/ids";
import { subjectOf, type Template } from "../domain/templates.ts";
import { queueMessage } from "../storage/messages.ts";

/** Queues a message about a visit. Its language is chosen when it is sent; until then the list shows the French subject. */
export async function queueVisitMessage(
  { tx, event, now }: { tx: Tx; event: EventOf<"appointment.booked"> | EventOf<"appointment.cancelled">; now: number },
  template: Template,
): Promise<void> {
  const subject = subjectOf(template, "fr");
  const { id: eventId, traceparent } = event;
  await queueMessage(tx, { id: newId("msg", now), eventId, template, subject, visit: event.data, nowMs: now, traceparent });
}
