import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf, pageQuery } from "./page.ts";
import { severitySchema } from "./rule.ts";
import { staffRoles } from "./session.ts";
import { instantSchema, zoneSchema } from "./time.ts";

const service = "notification" as const;
/** Alerts that called somebody, as they were told: no name and no value, the console knows those. */
export const pageSchema = z.object({
  kind: z.enum(["page", "digest"]),
  /** The highest among the alerts. */
  severity: severitySchema,
  alerts: z.array(z.object({ id: idSchema("alr"), patientId: idSchema("pat"), severity: severitySchema })),
  /** Place in the clinic's chain, from 0; absent of a digest. */
  step: z.number().int().optional(),
  /** It was due earlier: the installation was down, or readings came late. */
  late: z.literal(true).optional(),
  /** When it last grew. */
  changedAt: instantSchema,
});
export const messageSchema = z.object({
  id: z.union([idSchema("msg"), idSchema("pag")]),
  channel: z.enum(["email"]),
  template: z.string(),
  subject: z.string(),
  /** Of the mail; `skipped`: none is sent, because its reader wants none of this severity. */
  status: z.enum(["queued", "sent", "failed", "skipped"]),
  createdAt: instantSchema,
  sentAt: instantSchema.optional(),
  appointmentId: idSchema("apt").optional(),
  /** Of a page: which alerts. */
  page: pageSchema.optional(),
  /** Of a page that was read: when. One that grows is unread again. */
  readAt: instantSchema.optional(),
});
const unread = z.object({
  /** Pages not read yet. Messages about visits are read in their mail and never count. */
  unread: z.number().int(),
});
/** What was sent to the signed-in account, newest first: a patient's messages about visits, and pages about alerts to members of a clinic. */
export const inbox = defineEndpoint({
  id: "notification.inbox",
  service,
  method: "GET",
  path: "/api/notify/inbox",
  summary: "Messages sent to me",
  policy: { kind: "user" },
  query: z.strictObject({ about: z.enum(["visits", "alerts"]).optional(), ...pageQuery }),
  response: listOf(messageSchema).extend(unread.shape),
});
const members = { kind: "roles", roles: [...staffRoles] } as const;
/** The number alone, for who asks often. */
export const inboxUnread = defineEndpoint({
  id: "notification.inbox-unread",
  service,
  method: "GET",
  path: "/api/notify/inbox/unread",
  summary: "How many pages I have not read",
  policy: members,
  response: unread,
});
export const readPage = defineEndpoint({
  id: "notification.read-page",
  service,
  method: "POST",
  path: "/api/notify/inbox/:id/read",
  summary: "Mark one of my pages as read",
  policy: members,
  params: z.object({ id: idSchema("pag") }),
  response: unread,
  problems: ["not-found"],
});
export const readAllPages = defineEndpoint({
  id: "notification.read-all-pages",
  service,
  method: "POST",
  path: "/api/notify/inbox/read",
  summary: "Mark all my pages as read",
  policy: members,
  response: unread,
});

export const messagePreferencesSchema = z.strictObject({
  /** Whether pages are told by mail too, by their highest severity. Critical ones always are. */
  alertMail: z.strictObject({ critical: z.literal(true), warning: z.boolean(), notice: z.boolean() }),
  /** Where this person's nights are: quiet hours and the times in mails are told in it. Absent: the clinic's zone. */
  zone: zoneSchema.optional(),
});
export type MessagePreferences = z.infer<typeof messagePreferencesSchema>;
export const getMessagePreferences = defineEndpoint({
  id: "notification.get-preferences",
  service,
  method: "GET",
  path: "/api/notify/preferences",
  summary: "Which mails I get",
  policy: members,
  response: messagePreferencesSchema,
});
export const putMessagePreferences = defineEndpoint({
  id: "notification.put-preferences",
  service,
  method: "PUT",
  path: "/api/notify/preferences",
  summary: "Choose which mails I get",
  policy: members,
  body: messagePreferencesSchema,
  response: messagePreferencesSchema,
});

export const capturedMailSchema = z.object({
  id: idSchema("msg"),
  to: z.string(),
  from: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string().optional(),
  attachments: z.array(z.object({ name: z.string(), type: z.string(), bytes: z.number() })),
  receivedAt: instantSchema,
});
/** Demo and test clock only: mail as the built-in SMTP sink received it. 404 elsewhere. Patients see mail sent to themselves, clinic members all. */
export const captured = defineEndpoint({
  id: "notification.captured",
  service,
  method: "GET",
  path: "/api/notify/captured",
  summary: "Mail caught by the demo's inbox",
  policy: { kind: "user" },
  query: z.strictObject({ to: z.string().max(254).optional(), ...pageQuery }),
  response: listOf(capturedMailSchema),
  problems: ["not-found"],
});
export const notificationEndpoints = [
  inbox,
  inboxUnread,
  readPage,
  readAllPages,
  getMessagePreferences,
  putMessagePreferences,
  captured,
] as const;
