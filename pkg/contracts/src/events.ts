import { z } from "zod";
import { alertSchema } from "./alert.ts";
import { appointmentStatuses } from "./appointment.ts";
import { reasonRules } from "./doctor.ts";
import { idSchema } from "./ids.ts";
import { proxyScopeSchema } from "./patient.ts";
import { severitySchema } from "./rule.ts";
import type { ServiceName } from "./session.ts";
import { staffRoles } from "./session.ts";
import { instantSchema, zoneSchema } from "./time.ts";

/** Envelope of every event. `data` follows the registry; no names, notes or addresses. */
export const eventSchema = z.object({
  id: idSchema("evt"),
  type: z.string(),
  version: z.number().int(),
  at: instantSchema,
  actor: z.object({ kind: z.string(), id: z.string().optional() }),
  traceparent: z.string().optional(),
  data: z.unknown(),
});

interface EventDefinition<T extends z.ZodType> {
  readonly owner: ServiceName;
  readonly stream: "EVENTS" | "ALERTS";
  readonly version: number;
  readonly data: T;
}
function event<T extends z.ZodType>(owner: ServiceName, data: T, stream: "EVENTS" | "ALERTS" = "EVENTS"): EventDefinition<T> {
  return { owner, stream, version: 1, data };
}

const visit = {
  appointmentId: idSchema("apt"),
  doctorId: idSchema("doc"),
  patientId: idSchema("pat"),
  clinicId: idSchema("cli"),
  reasonId: idSchema("rea"),
  start: instantSchema,
  end: instantSchema,
};
const { appointmentId: _, ...time } = visit;
/** Done together with other visits of its series; all that one `step` did have the same: who tells people of it does so once. */
const series = z.object({ seriesId: idSchema("ser"), step: z.string() }).optional();
const offer = { offerId: idSchema("wof"), entryId: idSchema("wle"), ...time };
const reason = z.object({ id: idSchema("rea"), ...reasonRules });
const alert = alertSchema
  .pick({
    id: true,
    patientId: true,
    clinicId: true,
    class: true,
    severity: true,
    status: true,
    code: true,
    signal: true,
    onsetAt: true,
    firedAt: true,
  })
  .extend({
    ruleId: idSchema("rul"),
    ruleVersion: z.number().int(),
    late: z.boolean(),
    accountId: idSchema("acc").optional(),
    ackedAt: instantSchema.optional(),
    clearedAt: instantSchema.optional(),
    snoozedUntil: instantSchema.optional(),
  });

/** Every event of the product: owner (the only publisher), stream, schema. Subject: `events.<type>.v<version>`, or `alerts.<clinic>.<severity>`. */
export const events = {
  "account.registered": event("auth", z.object({ accountId: idSchema("acc"), patientId: idSchema("pat") })),
  "clinic.changed": event(
    "auth",
    z.object({
      clinicId: idSchema("cli"),
      name: z.string(),
      zone: z.string(),
      city: z.string(),
      address: z.string(),
      phone: z.string(),
      lat: z.number(),
      lng: z.number(),
    }),
  ),
  "membership.changed": event(
    "auth",
    z.object({
      membershipId: idSchema("mbr"),
      accountId: idSchema("acc"),
      clinicId: idSchema("cli"),
      role: z.enum(staffRoles),
      doctorId: idSchema("doc").optional(),
      status: z.enum(["invited", "active", "ended"]),
    }),
  ),
  "patient.registered": event("patient", z.object({ patientId: idSchema("pat") })),
  "relationship.changed": event(
    "patient",
    z.object({
      relationshipId: idSchema("rel"),
      patientId: idSchema("pat"),
      doctorId: idSchema("doc"),
      clinicId: idSchema("cli"),
      from: instantSchema,
      until: instantSchema.optional(),
    }),
  ),
  /** Who may act for whom: sent when a link begins to count, changes or ends. It counts while `until` is absent or to come. */
  "proxy.changed": event(
    "patient",
    z.object({
      proxyId: idSchema("prx"),
      patientId: idSchema("pat"),
      proxyPatientId: idSchema("pat"),
      clinicId: idSchema("cli"),
      scopes: z.array(proxyScopeSchema),
      from: instantSchema,
      until: instantSchema.optional(),
    }),
  ),
  "doctor.reasons-changed": event("doctor", z.object({ doctorId: idSchema("doc"), clinicId: idSchema("cli"), reasons: z.array(reason) })),
  /** Next openings per reason; svc/doctor keeps them so that a search page asks no other service. */
  "appointment.openings-changed": event(
    "appointment",
    z.object({
      doctorId: idSchema("doc"),
      openings: z.array(z.object({ reasonId: idSchema("rea"), starts: z.array(instantSchema).max(20) })),
    }),
  ),
  /** `imported`: from a file of the clinic; nobody is written to about it. */
  "appointment.booked": event("appointment", z.object({ ...visit, imported: z.literal(true).optional(), series })),
  "appointment.cancelled": event(
    "appointment",
    z.object({ ...visit, by: z.enum(["patient", "clinic"]), imported: z.literal(true).optional(), series }),
  ),
  /** The visit where it is now; `from` is where it was. `bookedAt` and `sequence` let a listener do without what came before. */
  "appointment.moved": event(
    "appointment",
    z.object({
      ...visit,
      from: z.object({ doctorId: idSchema("doc"), start: instantSchema, end: instantSchema }),
      by: z.enum(["patient", "clinic"]),
      bookedAt: instantSchema,
      sequence: z.number().int(),
      series,
    }),
  ),
  /** A state of the clinic's floor was set or undone. */
  "appointment.status-changed": event(
    "appointment",
    z.object({
      ...visit,
      from: z.enum(appointmentStatuses),
      to: z.enum(appointmentStatuses),
      excused: z.boolean().optional(),
      undone: z.boolean(),
      bookedAt: instantSchema,
    }),
  ),
  /** A time that became free; `held`: nobody else can have it until `until`. */
  "waitlist.offered": event("appointment", z.object({ ...offer, until: instantSchema, held: z.boolean() })),
  /** `appointmentId`: the visit that an accepted offer booked or moved. */
  "waitlist.offer-ended": event(
    "appointment",
    z.object({
      ...offer,
      outcome: z.enum(["accepted", "declined", "expired", "withdrawn"]),
      appointmentId: idSchema("apt").optional(),
    }),
  ),
  "device.paired": event(
    "ingest",
    z.object({ deviceId: idSchema("dev"), patientId: idSchema("pat"), clinicId: idSchema("cli"), kind: z.string() }),
  ),
  "device.revoked": event("ingest", z.object({ deviceId: idSchema("dev"), patientId: idSchema("pat") })),
  "notification.sent": event(
    "notification",
    z.object({
      messageId: idSchema("msg"),
      template: z.string(),
      patientId: idSchema("pat").optional(),
      /** Of a page: whom it called. */
      accountId: idSchema("acc").optional(),
      appointmentId: idSchema("apt").optional(),
    }),
  ),
  "notification.failed": event(
    "notification",
    z.object({
      messageId: idSchema("msg"),
      template: z.string(),
      patientId: idSchema("pat").optional(),
      accountId: idSchema("acc").optional(),
      appointmentId: idSchema("apt").optional(),
      attempts: z.number().int(),
    }),
  ),
  /** What a member of a clinic chose about messages, whole. `zone`: where that person's nights are; absent: the clinic's. */
  "preferences.changed": event("notification", z.object({ accountId: idSchema("acc"), zone: zoneSchema.optional() })),
  "pipeline.run-finished": event(
    "pipeline",
    z.object({ runId: idSchema("run"), stage: z.string(), day: z.string(), changed: z.boolean() }),
  ),
  /** A range of a partition of READINGS is durable in bronze, whole: how many readings of each device and boot there are in it. */
  "pipeline.readings-landed": event(
    "pipeline",
    z.object({
      partition: z.number().int(),
      firstSeq: z.number().int(),
      lastSeq: z.number().int(),
      counts: z.array(z.object({ deviceId: z.string(), boot: z.string(), readings: z.number().int() })),
    }),
  ),
  "alert.raised": event("alert", alert, "ALERTS"),
  "alert.acked": event("alert", alert, "ALERTS"),
  "alert.resolved": event("alert", alert, "ALERTS"),
  "alert.withdrawn": event("alert", alert, "ALERTS"),
  "alert.snoozed": event("alert", alert, "ALERTS"),
  /** Over by its time, or because the patient's state got worse; the alert is told again. */
  "alert.snooze-ended": event("alert", alert.extend({ reason: z.enum(["time", "worse", "person"]) }), "ALERTS"),
  /** `accountId`: whom it was given to. */
  "alert.assigned": event("alert", alert, "ALERTS"),
  /** That somebody commented, not what. */
  "alert.commented": event("alert", alert, "ALERTS"),
  /** The alert lasts and nobody has it any more: it is open again. */
  "alert.ack-expired": event("alert", alert, "ALERTS"),
  /**
   * Alerts call somebody: `accountId`. Sent again with the same `id` and more `alerts`, it replaces what was sent: one page that grew. A digest
   * lists in the morning what quiet hours held back and what ended meanwhile.
   */
  "alert.paged": event(
    "alert",
    z.object({
      id: idSchema("pag"),
      clinicId: idSchema("cli"),
      accountId: idSchema("acc"),
      kind: z.enum(["page", "digest"]),
      /** The highest among the alerts. */
      severity: severitySchema,
      alerts: z
        .array(alertSchema.pick({ id: true, patientId: true, severity: true }))
        .min(1)
        .max(50),
      /** Place in the chain, from 0; absent of a digest. */
      step: z.number().int().optional(),
      /** It was due earlier, while the installation was down. */
      late: z.literal(true).optional(),
      at: instantSchema,
    }),
    "ALERTS",
  ),
} as const;

export type EventType = keyof typeof events;
export const eventTypes = Object.keys(events) as EventType[];
/** An event's data as it may lie in the stream: what has a default may be missing. */
export type EventInput<T extends EventType> = z.input<(typeof events)[T]["data"]>;
export type EventData<T extends EventType> = z.output<(typeof events)[T]["data"]>;
export type EventOf<T extends EventType> = Omit<z.infer<typeof eventSchema>, "data" | "type"> & { type: T; data: EventData<T> };

/** Subject an event is published on. */
export function subjectOf<T extends EventType>(type: T, data: EventData<T>): string {
  const { stream, version } = events[type];
  if (stream === "EVENTS") return `events.${type}.v${version}`;
  const { clinicId, severity } = data as { clinicId: string; severity: string };
  return `alerts.${clinicId}.${severity}`;
}
