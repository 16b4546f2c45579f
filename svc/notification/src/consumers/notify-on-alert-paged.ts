import { consumer } from "@episante/service/consume";
import { newId } from "@episante/service/ids";
import type { Deps } from "../deps.ts";
import { mailDueAt, pageSubject } from "../domain/page-mail.ts";
import { keepPage } from "../storage/pages.ts";

/** Puts a page into its recipient's inbox and queues its mail. Until that leaves, in whatever language, the inbox keeps the French subject. */
export const notifyOnAlertPaged = consumer<Deps, "alert.paged">({
  name: "notify-on-alert-paged",
  on: ["alert.paged"],
  handle: async ({ tx, now, event: { data, traceparent } }) => {
    const { severity, kind, at } = data;
    const mailDueMs = mailDueAt(severity, kind, Date.parse(at));
    await keepPage(tx, { ...data, messageId: newId("msg", now), traceparent }, { subject: pageSubject(kind, "fr"), mailDueMs, nowMs: now });
  },
});
