import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf, pageQuery } from "./page.ts";
import { instantSchema } from "./time.ts";

const service = "audit" as const;
/** What every service writes with each access to patient data, reads and refusals too. Never values, names, tokens or texts. */
export const auditRecordSchema = z.object({
  id: idSchema("aud"),
  at: instantSchema,
  service: z.string(),
  code: z.string(),
  outcome: z.enum(["ok", "denied", "refused"]),
  reason: z.string().optional(),
  actor: z.object({
    kind: z.string(),
    accountId: z.string().optional(),
    /** With `onBehalfOf`: who acted, as a patient. */
    patientId: z.string().optional(),
    sessionHash: z.string().optional(),
    deviceId: z.string().optional(),
    service: z.string().optional(),
    job: z.string().optional(),
  }),
  patientIds: z.array(z.string()),
  /** A relative acted: "actor for this patient", also when it was refused. */
  onBehalfOf: z.string().optional(),
  clinicIds: z.array(z.string()).optional(),
  entity: z.object({ type: z.string(), id: z.string() }).optional(),
  traceId: z.string().optional(),
});
export type AuditRecord = z.infer<typeof auditRecordSchema>;
export const chainedRecordSchema = auditRecordSchema.extend({ seq: z.number().int(), hash: z.string() });
export const listAudit = defineEndpoint({
  id: "audit.list",
  service,
  method: "GET",
  path: "/api/audit",
  summary: "Who did what (admin), or who saw my record (patient)",
  policy: { kind: "roles", roles: ["admin", "patient"] },
  query: z.strictObject({ patientId: idSchema("pat").optional(), ...pageQuery }),
  response: listOf(chainedRecordSchema),
  problems: ["not-found"],
});
/** Recomputes the chain. `ok` false names the first record whose hash does not fit. */
export const verifyAudit = defineEndpoint({
  id: "audit.verify",
  service,
  method: "GET",
  path: "/api/audit/verify",
  summary: "Verify the hash chain",
  policy: { kind: "roles", roles: ["admin"] },
  response: z.object({ ok: z.boolean(), records: z.number().int(), head: z.string(), brokenAt: z.number().int().optional() }),
});
export const deadLetterSchema = z.object({
  id: z.string(),
  service: z.string(),
  reader: z.string(),
  subject: z.string(),
  reason: z.string(),
  at: instantSchema,
  bytes: z.number(),
  replayedAt: instantSchema.optional(),
});
export const listDeadLetters = defineEndpoint({
  id: "audit.list-dead-letters",
  service,
  method: "GET",
  path: "/api/dlq",
  summary: "Messages a reader refused",
  policy: { kind: "roles", roles: ["admin"] },
  query: z.strictObject(pageQuery),
  response: listOf(deadLetterSchema),
});
export const replayDeadLetter = defineEndpoint({
  id: "audit.replay-dead-letter",
  service,
  method: "POST",
  path: "/api/dlq/:id/replay",
  summary: "Publish a dead letter again",
  policy: { kind: "roles", roles: ["admin"] },
  params: z.object({ id: z.string().regex(/^\d{1,18}$/) }),
  response: deadLetterSchema,
  problems: ["not-found", "wrong-state"],
});
export const auditEndpoints = [listAudit, verifyAudit, listDeadLetters, replayDeadLetter] as const;
