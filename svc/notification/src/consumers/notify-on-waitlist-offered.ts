import { consumer } from "@episante/service/consume";
import { newId } from "@episante/service/ids";
import type { Deps } from "../deps.ts";
import { subjectOf } from "../domain/templates.ts";
import { queueMessages } from "../storage/messages.ts";

const template = "waitlist-offered";

/** Tells a patient who waits that a time became free. */
export const notifyOnWaitlistOffered = consumer<Deps, "waitlist.offered">({
  name: "notify-on-waitlist-offered",
  on: ["waitlist.offered"],
  handle: async ({ tx, now, event: { id: eventId, data, traceparent } }) => {
    const { patientId, clinicId, offerId } = data;
    const message = { id: newId("msg", now), eventId, patientId, clinicId, offerId, traceparent };
    await queueMessages(tx, [message], { template, subject: subjectOf(template, "fr"), nowMs: now });
  },
});
