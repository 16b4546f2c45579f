import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { daySchema, instantSchema } from "./time.ts";

const service = "appointment" as const;
const members = { kind: "roles", roles: ["doctor", "staff"] } as const;

/** A time at which a doctor is away. The note is for members of the clinic. */
export const absenceSchema = z.object({
  id: idSchema("abs"),
  doctorId: idSchema("doc"),
  start: instantSchema,
  end: instantSchema,
  note: z.string().optional(),
});
export type Absence = z.infer<typeof absenceSchema>;

/** For the patients, in what they see of a cancelled visit. */
const reason = z.string().trim().max(300).optional();
/** What happens to a visit for which the plan finds no place. */
const otherwise = z.enum(["keep", "cancel"]).default("keep");
/**
 * What happens to the visits of the period. `move`: the whole block goes to another day, the period's first day to `moveToDay`, each visit to the
 * same time of day. `colleague`: to another doctor of the clinic, at the same time. Both: the nearest free time of that day where it is not
 * free. `reasons` says which reason of the colleague stands for which; without it the colleague's only one of the same length and mode.
 */
export const absencePlanSchema = z.discriminatedUnion("plan", [
  z.strictObject({ plan: z.literal("keep") }),
  z.strictObject({ plan: z.literal("cancel"), reason }),
  z.strictObject({ plan: z.literal("move"), moveToDay: daySchema, otherwise, reason }),
  z.strictObject({
    plan: z.literal("colleague"),
    toDoctorId: idSchema("doc"),
    reasons: z
      .array(z.strictObject({ reasonId: idSchema("rea"), toReasonId: idSchema("rea") }))
      .max(100)
      .optional(),
    otherwise,
    reason,
  }),
]);
/** Why the plan found no place for a visit. */
export const absenceObstacles = ["no-equal-reason", "no-free-time"] as const;
/** What happens to a visit. `reach`: whether the patient, or a relative who may book, can be written to. */
export const absenceVisitSchema = z.object({
  appointmentId: idSchema("apt"),
  patientId: idSchema("pat"),
  reasonId: idSchema("rea"),
  start: instantSchema,
  end: instantSchema,
  outcome: z.enum(["kept", "cancelled", "moved"]),
  to: z.object({ doctorId: idSchema("doc"), reasonId: idSchema("rea"), start: instantSchema, end: instantSchema }).optional(),
  obstacle: z.enum(absenceObstacles).optional(),
  reach: z.enum(["message", "call"]),
});
export type AbsenceVisit = z.infer<typeof absenceVisitSchema>;

/**
 * From its commit on nobody books, holds or confirms a time within it. The visits that have not begun on the clinic's floor are dealt with in the
 * same transaction, keeping their ids; each change tells its patient once. `callList`: changed visits whose patient nobody can write to.
 * `dryRun`: the same, with nothing kept and no `absence`; what it says may change until it is done. At most 1,000 visits and 400 days.
 */
export const declareAbsence = defineEndpoint({
  id: "appointment.declare-absence",
  service,
  method: "POST",
  path: "/api/appointments/absences",
  summary: "Declare a doctor absent, and what happens to the visits",
  policy: members,
  idempotent: true,
  body: z.strictObject({
    doctorId: idSchema("doc"),
    start: instantSchema,
    end: instantSchema,
    note: z.string().trim().max(200).optional(),
    visits: absencePlanSchema,
    dryRun: z.boolean(),
  }),
  response: z.object({
    absence: absenceSchema.optional(),
    visits: z.array(absenceVisitSchema),
    callList: z.array(idSchema("apt")),
  }),
  problems: ["not-found", "version-conflict", "idempotency-mismatch"],
});
/** Absences that touch the period; without `from` those that are not over. In order of start, 500 at most. */
export const listAbsences = defineEndpoint({
  id: "appointment.list-absences",
  service,
  method: "GET",
  path: "/api/appointments/absences",
  summary: "When a doctor is absent",
  policy: members,
  query: z.strictObject({ doctorId: idSchema("doc"), from: instantSchema.optional(), to: instantSchema.optional() }),
  response: z.object({ items: z.array(absenceSchema) }),
  problems: ["not-found"],
});
/** Its times are offered again, as far as the hours have them. Visits that were cancelled or moved for it stay so. */
export const endAbsence = defineEndpoint({
  id: "appointment.end-absence",
  service,
  method: "DELETE",
  path: "/api/appointments/absences/:id",
  summary: "End an absence",
  policy: members,
  params: z.object({ id: idSchema("abs") }),
  status: 204,
  problems: ["not-found"],
});

export const absenceEndpoints = [declareAbsence, listAbsences, endAbsence] as const;
