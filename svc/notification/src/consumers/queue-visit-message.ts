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

/** What is told instead of a visit that was dealt with together with others of its series: all of them, once. */
const ofSeries: Partial<Record<Template, Template>> = {
  "appointment-booked": "series-booked",
  "appointment-moved": "series-moved",
  "appointment-cancelled": "series-cancelled",
};

/**
 * Queues a message about each visit, one for all of a step of a series, but for those that came with a file of the clinic. Its language is chosen when it is sent; until then the
 * list shows the French subject.
 */
export async function queueVisitMessages(
  { tx, events, now }: { tx: Tx; events: readonly VisitEvent[]; now: number },
  template: Template,
): Promise<void> {
  const messages = events.flatMap(({ id, data, traceparent }) => {
    if ("imported" in data && data.imported) return [];
    const { patientId, clinicId, appointmentId } = data;
    const series = "series" in data ? data.series : undefined;
    // The step stands for all of its events: the first to come is told, the others are told already.
    const eventId = series?.step ?? id;
    const told = (series && ofSeries[template]) || template;
    return { told, id: newId("msg", now), eventId, patientId, clinicId, appointmentId, traceparent };
  });
  for (const [told, ofOne] of Map.groupBy(messages, (message) => message.told))
    await queueMessages(tx, ofOne, { template: told, subject: subjectOf(told, "fr"), nowMs: now });
}
