import { z } from "zod";
import { appointmentSchema, appointmentStatuses, overbookSchema, visitActorKinds, visitChannels } from "./appointment.ts";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { problemCodes } from "./problem.ts";
import { instantSchema } from "./time.ts";

const service = "appointment" as const;
const visitParams = z.object({ id: idSchema("apt") });
const everybody = { kind: "roles", roles: ["patient", "staff", "doctor"] } as const;
const members = { kind: "roles", roles: ["staff", "doctor"] } as const;

/**
 * In one step: the new time is taken as the old one is given up, or the visit stays as it is. The id stays. A key makes a repeat safe; moving
 * to where the visit is already changes nothing. Patients: offered times of the same doctor, until the reason's limit (refused with
 * `wrong-state`, the policy in words and as `policy: {kind, hours, until}`). Members: any minute within hours, a colleague of the
 * clinic, another reason of that colleague, and with `overbook` beside another visit.
 */
export const moveVisit = defineEndpoint({
  id: "appointment.move",
  service,
  method: "POST",
  path: "/api/appointments/:id/move",
  summary: "Move a visit",
  policy: everybody,
  params: visitParams,
  body: z.strictObject({
    start: instantSchema,
    doctorId: idSchema("doc").optional(),
    reasonId: idSchema("rea").optional(),
    overbook: overbookSchema.optional(),
  }),
  response: appointmentSchema,
  problems: [
    "not-found",
    "slot-taken",
    "slot-in-past",
    "slot-outside-hours",
    "already-cancelled",
    "wrong-state",
    "version-conflict",
    "idempotency-mismatch",
  ],
});
/** `checked-in` is "in the room". `excused` belongs to `noshow`. Cancelling and moving are verbs of their own. */
export const setVisitStatus = defineEndpoint({
  id: "appointment.set-status",
  service,
  method: "POST",
  path: "/api/appointments/:id/status",
  summary: "Say where a patient is on the clinic's floor",
  policy: members,
  params: visitParams,
  body: z.strictObject({
    status: z.enum(["arrived", "checked-in", "fulfilled", "noshow", "entered-in-error"]),
    excused: z.boolean().optional(),
  }),
  response: appointmentSchema,
  problems: ["not-found", "already-cancelled", "wrong-state"],
});
/**
 * Restores exactly what was before the last state that stands; may be repeated, back to `booked`. A cancelled visit is restored while its
 * time is free, with the same id, and the patient is told; else `slot-taken` with `alternatives`.
 */
export const undoVisitStatus = defineEndpoint({
  id: "appointment.undo-status",
  service,
  method: "POST",
  path: "/api/appointments/:id/status/undo",
  summary: "Undo the last state",
  policy: members,
  params: visitParams,
  response: appointmentSchema,
  problems: ["not-found", "wrong-state", "slot-taken"],
});

const placeSchema = z.object({ doctorId: idSchema("doc"), start: instantSchema, end: instantSchema });
const stateSchema = z.object({
  status: z.enum(appointmentStatuses),
  arrivedAt: instantSchema.optional(),
  inRoomAt: instantSchema.optional(),
  doneAt: instantSchema.optional(),
  excused: z.boolean().optional(),
});
/** One thing that happened to a visit: `refused` is an attempt that failed, with its problem code. */
export const visitEntrySchema = z.object({
  at: instantSchema,
  kind: z.enum(["booked", "moved", "cancelled", "status", "undone", "refused"]),
  /** Of the booking: it came with a file of the clinic, `at` is when. */
  imported: z.literal(true).optional(),
  /** Of a refused one: what was tried. */
  attempt: z.enum(["move", "cancel"]).optional(),
  code: z.enum(problemCodes as [string, ...string[]]).optional(),
  by: z.enum(visitActorKinds).optional(),
  channel: z.enum(visitChannels).optional(),
  /** Done to several visits of a series in one step. */
  ofSeries: z.boolean().optional(),
  former: z.object({ place: placeSchema.optional(), state: stateSchema.optional() }).optional(),
  later: z.object({ place: placeSchema.partial().optional(), state: stateSchema.optional(), reason: z.string().optional() }).optional(),
});
export type VisitEntry = z.infer<typeof visitEntrySchema>;
export const visitHistory = defineEndpoint({
  id: "appointment.history",
  service,
  method: "GET",
  path: "/api/appointments/:id/history",
  summary: "Everything that happened to a visit, refused attempts too",
  policy: everybody,
  params: visitParams,
  response: z.object({ items: z.array(visitEntrySchema) }),
  problems: ["not-found"],
});

/**
 * Server-sent events for agenda screens: `event: visit`, `data` = the visit as lists answer it, for each change of these doctors' visits (all
 * doctors of the caller's clinics without `doctorIds`, a list with commas); `event: heartbeat` every second, `data` = `{at}`;
 * with `doctorIds` also `event: held`, `data` as `GET /api/appointments/held` answers it: at the beginning and whenever it changed.
 * `Last-Event-ID` resumes without a gap (a change may come twice: compare `version`); without it the feed starts at now. `event: reset`: too
 * much happened meanwhile, load the lists again.
 */
export const visitFeed = defineEndpoint({
  id: "appointment.feed",
  service,
  method: "GET",
  path: "/api/appointments/feed",
  summary: "Live changes of agendas",
  policy: members,
  query: z.strictObject({ doctorIds: z.string().max(2_000).optional() }),
  stream: "events",
  problems: ["not-found"],
});

const clinicOf = { clinicId: idSchema("cli").optional() };
export const noShowPolicySchema = z.object({
  clinicId: idSchema("cli"),
  /** Unexcused no-shows within a year after which a patient no longer books online with the clinic; null: never. */
  limit: z.number().int().min(1).max(20).nullable(),
});
export const noShowBlockSchema = z.object({
  clinicId: idSchema("cli"),
  patientId: idSchema("pat"),
  /** Unexcused no-shows that count. */
  count: z.number().int(),
  limit: z.number().int().nullable(),
  blocked: z.boolean(),
  liftedAt: instantSchema.optional(),
});
/** `clinicId` may be left out by who works in one clinic. */
export const getNoShowPolicy = defineEndpoint({
  id: "appointment.get-no-show-policy",
  service,
  method: "GET",
  path: "/api/appointments/no-show-policy",
  summary: "When missed visits end online booking",
  policy: { kind: "roles", roles: ["staff", "doctor", "admin"] },
  query: z.strictObject(clinicOf),
  response: noShowPolicySchema,
  problems: ["not-found"],
});
export const putNoShowPolicy = defineEndpoint({
  id: "appointment.put-no-show-policy",
  service,
  method: "PUT",
  path: "/api/appointments/no-show-policy",
  summary: "Set when missed visits end online booking",
  policy: { kind: "roles", roles: ["staff", "doctor", "admin"] },
  body: z.strictObject({ ...clinicOf, limit: z.number().int().min(1).max(20).nullable() }),
  response: noShowPolicySchema,
  problems: ["not-found"],
});
export const getNoShowBlock = defineEndpoint({
  id: "appointment.get-no-show-block",
  service,
  method: "GET",
  path: "/api/appointments/no-show-blocks/:patientId",
  summary: "A patient's missed visits with the clinic",
  policy: members,
  params: z.object({ patientId: idSchema("pat") }),
  query: z.strictObject(clinicOf),
  response: noShowBlockSchema,
  problems: ["not-found"],
});
/** What was missed before does not count any more. */
export const liftNoShowBlock = defineEndpoint({
  id: "appointment.lift-no-show-block",
  service,
  method: "POST",
  path: "/api/appointments/no-show-blocks/:patientId/lift",
  summary: "Let a patient book online again",
  policy: members,
  params: z.object({ patientId: idSchema("pat") }),
  body: z.strictObject(clinicOf),
  response: noShowBlockSchema,
  problems: ["not-found"],
});

export const visitEndpoints = [
  moveVisit,
  setVisitStatus,
  undoVisitStatus,
  visitHistory,
  visitFeed,
  getNoShowPolicy,
  putNoShowPolicy,
  getNoShowBlock,
  liftNoShowBlock,
] as const;
