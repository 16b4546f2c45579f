import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf, pageQuery } from "./page.ts";
import { findingSchema, severitySchema } from "./rule.ts";
import { instantSchema } from "./time.ts";

const service = "alert" as const;
export const alertStatuses = ["open", "acked", "resolved", "withdrawn"] as const;
const personSchema = z.object({ accountId: idSchema("acc"), name: z.string() });
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
  /** What the rule judged last, in `unit`: the reading of a threshold rule, the slope, prediction, score or irregularity of the others. */
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
  /** Found on incomplete readings: a NEWS2 score with parameters missing is at least what is said. */
  partial: z.boolean().optional(),
  /** Who took it in charge, or whom an open one was given to. */
  owner: personSchema.optional(),
  ackedAt: instantSchema.optional(),
  /** When the acknowledgement is forgotten if the alert still lasts then. */
  ackExpiresAt: instantSchema.optional(),
  /** Quiet until then; absent once that time has passed or the state got worse. */
  snoozedUntil: instantSchema.optional(),
  /**
   * Whom the chain tells next while nobody takes the alert, and when: a name (empty until svc/auth has told it), `on-call` for whoever is then, or
   * `doctors` for all who treat the patient.
   */
  nextEscalation: z.object({ to: z.string(), at: instantSchema }).optional(),
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
    /** What a rule of another kind than threshold found when it fired, or last became worse. */
    finding: findingSchema.optional(),
  }),
  history: z.array(
    z.object({
      at: instantSchema,
      action: z.string(),
      by: personSchema.optional(),
      /** A comment, or why it was withdrawn. */
      text: z.string().optional(),
      /** Until when a snooze was meant to last, or a page is held by quiet hours. */
      until: instantSchema.optional(),
      /** Whom it was given to, or who was paged. */
      to: personSchema.optional(),
    }),
  ),
  /** Cursor of the last change of this alert in the feed. */
  cursor: z.number().int(),
  /** Trace of the last change that has one: the reading's way from the device, or the request of who acted. */
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
  stream: "events",
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
/**
 * Two racing acknowledgements: one actor wins, the other gets the alert with its owner, not an error. An acknowledgement is forgotten after the
 * clinic's time (`alert.put-ack-expiry`) while the alert lasts: it is open again and told again.
 */
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
/** Of two racing closings one actor is recorded, the other gets the closed alert. One that ended by its readings cannot be closed any more. */
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

/** Shortest and longest snooze, in minutes; of a critical alert at most `criticalSnoozeMinutes`. */
export const shortestSnoozeMinutes = 15;
export const longestSnoozeMinutes = 240;
export const criticalSnoozeMinutes = 15;
/**
 * Keeps an alert quiet for some minutes; it stays open and keeps its severity. It ends at its time, or at once when this alert gets worse or a
 * more severe one of the same patient pages: then the alert is told again. A critical alert must be taken in charge first (`wrong-state`) and is
 * quiet for at most 15 minutes. The last of several snoozes counts.
 */
export const snoozeAlert = defineEndpoint({
  id: "alert.snooze",
  service,
  method: "POST",
  path: "/api/alerts/:id/snooze",
  summary: "Keep an alert quiet for a while",
  policy: doctors,
  params: alertParams,
  body: z.strictObject({ minutes: z.number().int().min(shortestSnoozeMinutes).max(longestSnoozeMinutes) }),
  response: alertSchema,
  problems: ["not-found", "wrong-state", "care-relationship-required", "invalid-input"],
});
/** Ends a snooze before its time: the alert is told again at once. One that is not snoozed stays as it is; a closed one is refused. */
export const endSnooze = defineEndpoint({
  id: "alert.end-snooze",
  service,
  method: "POST",
  path: "/api/alerts/:id/snooze/end",
  summary: "End a snooze",
  policy: doctors,
  params: alertParams,
  response: alertSchema,
  problems: ["not-found", "wrong-state", "care-relationship-required"],
});
/**
 * Gives an alert to a doctor of its clinic who treats the patient; anybody else is refused like an unknown id. Being given an alert is not taking
 * it in charge: an open one stays open and keeps calling, a taken one stays taken until its acknowledgement is forgotten.
 */
export const assignAlert = defineEndpoint({
  id: "alert.assign",
  service,
  method: "POST",
  path: "/api/alerts/:id/assign",
  summary: "Give an alert to a doctor",
  policy: doctors,
  params: alertParams,
  body: z.strictObject({ to: idSchema("doc") }),
  response: alertSchema,
  problems: ["not-found", "wrong-state", "care-relationship-required", "invalid-input"],
});
/** Doctors an alert may be given to; a name is empty until svc/auth has told it. */
export const listAssignees = defineEndpoint({
  id: "alert.list-assignees",
  service,
  method: "GET",
  path: "/api/alerts/:id/assignees",
  summary: "Doctors an alert may be given to",
  policy: doctors,
  params: alertParams,
  response: z.object({ items: z.array(personSchema.extend({ doctorId: idSchema("doc") })) }),
  problems: ["not-found", "care-relationship-required"],
});
/** Writes into an alert's history, whatever its state. Comments are for those who treat: the patient's own view leaves them out. */
export const commentAlert = defineEndpoint({
  id: "alert.comment",
  service,
  method: "POST",
  path: "/api/alerts/:id/comment",
  summary: "Comment on an alert",
  policy: doctors,
  params: alertParams,
  body: z.strictObject({ text: z.string().trim().min(1).max(500) }),
  response: alertSchema,
  problems: ["not-found", "care-relationship-required"],
});

const expiryMinutes = z.number().int().min(5).max(1440).nullable();
const ackExpirySchema = z.object({
  clinicId: idSchema("cli"),
  /** Minutes after which an acknowledgement is forgotten while the alert lasts; null: never. Notices never are. */
  criticalMinutes: expiryMinutes,
  warningMinutes: expiryMinutes,
});
export type AckExpiry = z.infer<typeof ackExpirySchema>;
/** Unless a clinic says otherwise: a critical alert calls again 60 minutes after somebody took it, a warning after 240. */
export const defaultAckExpiry = { criticalMinutes: 60, warningMinutes: 240 } as const;
export const getAckExpiry = defineEndpoint({
  id: "alert.get-ack-expiry",
  service,
  method: "GET",
  path: "/api/alerts/ack-expiry",
  summary: "How long an acknowledgement counts",
  policy: doctors,
  query: z.strictObject({ clinicId: idSchema("cli").optional() }),
  response: ackExpirySchema,
  problems: ["not-found"],
});
/** Counts for acknowledgements from now on; those that stand keep their end. */
export const putAckExpiry = defineEndpoint({
  id: "alert.put-ack-expiry",
  service,
  method: "PUT",
  path: "/api/alerts/ack-expiry",
  summary: "Set how long an acknowledgement counts",
  policy: doctors,
  body: ackExpirySchema.partial({ clinicId: true }).strict(),
  response: ackExpirySchema,
  problems: ["not-found"],
});
export const alertEndpoints = [
  listAlerts,
  alertFeed,
  getAckExpiry,
  putAckExpiry,
  getAlert,
  ackAlert,
  resolveAlert,
  snoozeAlert,
  endSnooze,
  assignAlert,
  listAssignees,
  commentAlert,
] as const;
