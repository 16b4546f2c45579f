import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf, pageQuery } from "./page.ts";
import { severitySchema } from "./rule.ts";
import { instantSchema } from "./time.ts";

const service = "alert" as const;
export const alertStatuses = ["open", "acked", "resolved", "withdrawn"] as const;
export const alertSchema = z.object({
  id: idSchema("alr"),
  patientId: idSchema("pat"),
  clinicId: idSchema("cli"),
  class: z.enum(["clinical", "technical"]),
  rule: z.object({ id: idSchema("rul"), version: z.number().int(), kind: z.string(), name: z.string() }),
  severity: severitySchema,
  status: z.enum(alertStatuses),
  code: z.string(),
  signal: z.string(),
  value: z.number(),
  unit: z.string(),
  threshold: z.number(),
  op: z.string(),
  lastReadingAt: instantSchema,
  onsetAt: instantSchema,
  firedAt: instantSchema,
  clearedAt: instantSchema.optional(),
  /** No reading for longer than the rule's gap limit: the value is not current, the alert stays open. */
  stale: z.boolean().optional(),
  /** Found in a backfill; recorded, nobody was paged. */
  late: z.boolean().optional(),
  owner: z.object({ accountId: idSchema("acc"), name: z.string() }).optional(),
  ackedAt: instantSchema.optional(),
  /** Last 30 minutes, at most 60 points of `[instant, value]`. */
  trend: z.array(z.tuple([instantSchema, z.number()])),
  explanation: z.object({
    samplesUsed: z.number().int(),
    samplesRejected: z.number().int(),
    holdSeconds: z.number(),
    gapSeconds: z.number(),
    clearValue: z.number(),
    clearSeconds: z.number(),
    delaySeconds: z.number(),
  }),
  history: z.array(
    z.object({
      at: instantSchema,
      action: z.string(),
      by: z.object({ accountId: idSchema("acc"), name: z.string() }).optional(),
      text: z.string().optional(),
    }),
  ),
  /** Cursor of the last change of this alert in the feed. */
  cursor: z.number().int(),
  /** Trace of that change, where it has one: the reading's way from the device, or the request of who acted. */
  traceId: z.string().optional(),
});
export type Alert = z.infer<typeof alertSchema>;
const alertParams = z.object({ id: idSchema("alr") });
const doctors = { kind: "roles", roles: ["doctor"] } as const;

export const listAlerts = defineEndpoint({
  id: "alert.list",
  service,
  method: "GET",
  path: "/api/alerts",
  summary: "Alerts of treated patients",
  policy: { kind: "roles", roles: ["doctor", "patient"] },
  query: z.strictObject({
    status: z.enum(alertStatuses).optional(),
    patientId: idSchema("pat").optional(),
    from: instantSchema.optional(),
    to: instantSchema.optional(),
    ...pageQuery,
  }),
  response: listOf(alertSchema).extend({ cursor: z.number().int() }),
  problems: ["not-found", "care-relationship-required"],
});
/**
 * Server-sent events. `event: alert`, `id` = cursor, `data` = the alert; `event: heartbeat` every second, `data` = `{at, readerAt}`, sent only while
 * the engine's reader is alive. `Last-Event-ID` resumes without a gap; without it the feed starts at now.
 */
export const alertFeed = defineEndpoint({
  id: "alert.feed",
  service,
  method: "GET",
  path: "/api/alerts/feed",
  summary: "Live alerts",
  policy: doctors,
  stream: true,
});
export const getAlert = defineEndpoint({
  id: "alert.get",
  service,
  method: "GET",
  path: "/api/alerts/:id",
  summary: "One alert with its history",
  policy: { kind: "roles", roles: ["doctor", "patient"] },
  params: alertParams,
  response: alertSchema,
  problems: ["not-found", "care-relationship-required"],
});
/** Two racing acknowledgements: one actor wins, the other gets the alert with its owner, not an error. */
export const ackAlert = defineEndpoint({
  id: "alert.ack",
  service,
  method: "POST",
  path: "/api/alerts/:id/ack",
  summary: "Take an alert in charge",
  policy: doctors,
  params: alertParams,
  response: alertSchema,
  problems: ["not-found", "wrong-state", "care-relationship-required"],
});
export const resolveAlert = defineEndpoint({
  id: "alert.resolve",
  service,
  method: "POST",
  path: "/api/alerts/:id/resolve",
  summary: "Close an alert",
  policy: doctors,
  params: alertParams,
  response: alertSchema,
  problems: ["not-found", "wrong-state", "care-relationship-required"],
});
export const alertEndpoints = [listAlerts, alertFeed, getAlert, ackAlert, resolveAlert] as const;
