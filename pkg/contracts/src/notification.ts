import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf, pageQuery } from "./page.ts";
import { instantSchema } from "./time.ts";

const service = "notification" as const;
export const messageSchema = z.object({
  id: idSchema("msg"),
  channel: z.enum(["email"]),
  template: z.string(),
  subject: z.string(),
  status: z.enum(["queued", "sent", "failed"]),
  createdAt: instantSchema,
  sentAt: instantSchema.optional(),
  appointmentId: idSchema("apt").optional(),
});
/** The signed-in patient's own messages. */
export const inbox = defineEndpoint({
  id: "notification.inbox",
  service,
  method: "GET",
  path: "/api/notify/inbox",
  summary: "Messages sent to me",
  policy: { kind: "roles", roles: ["patient"] },
  query: z.strictObject(pageQuery),
  response: listOf(messageSchema),
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
export const notificationEndpoints = [inbox, captured] as const;
