import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf, pageQuery } from "./page.ts";
import { daySchema, instantSchema, timeOfDaySchema, zoneSchema } from "./time.ts";

const service = "appointment" as const;
/** FHIR R4 appointment states where it has one; `held` and `cancelled` are ours in spelling only. */
export const appointmentStatuses = [
  "pending",
  "booked",
  "arrived",
  "checked-in",
  "fulfilled",
  "cancelled",
  "noshow",
  "entered-in-error",
] as const;
/** Who did something to a visit, without a name. */
export const visitActorKinds = ["patient", "relative", "staff", "doctor", "system"] as const;
/** The patient's own screens, the clinic, or the machine by itself. */
export const visitChannels = ["online", "clinic", "system"] as const;
export const slotSchema = z.object({ start: instantSchema, end: instantSchema, zone: z.string() });
export const holdSchema = z.object({
  id: idSchema("hld"),
  expiresAt: instantSchema,
  doctorId: idSchema("doc"),
  reasonId: idSchema("rea"),
  start: instantSchema,
  end: instantSchema,
  zone: z.string(),
  serverTime: instantSchema,
});
export const appointmentSchema = z.object({
  id: idSchema("apt"),
  status: z.enum(appointmentStatuses),
  start: instantSchema,
  end: instantSchema,
  zone: z.string(),
  doctorId: idSchema("doc"),
  patientId: idSchema("pat"),
  reasonId: idSchema("rea"),
  bookedAt: instantSchema,
  cancelledAt: instantSchema.optional(),
  cancelReason: z.string().optional(),
  cancelledBy: z.enum(visitActorKinds).optional(),
  /** When the patient said to come, by the link of a mail; a move ends it. */
  confirmedAt: instantSchema.optional(),
  cancelUntil: instantSchema,
  /** Last instant at which the patient may move it. */
  moveUntil: instantSchema.optional(),
  /** By which way it was booked. */
  channel: z.enum(visitChannels).optional(),
  arrivedAt: instantSchema.optional(),
  /** State `checked-in`: in the room. */
  inRoomAt: instantSchema.optional(),
  doneAt: instantSchema.optional(),
  /** Of a no-show. */
  excused: z.boolean().optional(),
  /** For members of the clinic: it shares its time with another visit, and why. */
  overbooked: z.boolean().optional(),
  overbookedReason: z.string().optional(),
  /** For members of the clinic: its rooms and devices. Absent in the answer that books it. */
  resourceIds: z.array(idSchema("res")).optional(),
  /** Of a series of visits, and which of how many it was booked as. */
  seriesId: idSchema("ser").optional(),
  occurrence: z.object({ number: z.number().int(), of: z.number().int() }).optional(),
  /** Where it was before the last move, and when it was moved. */
  movedFrom: z.object({ doctorId: idSchema("doc"), start: instantSchema, end: instantSchema, at: instantSchema }).optional(),
  /** The calendar file's SEQUENCE (RFC 5545): rises when time, doctor or being cancelled changes. */
  sequence: z.number().int().optional(),
  /** Rises with every change: of two answers about a visit the higher one is newer. */
  version: z.number().int().optional(),
});
export type Appointment = z.infer<typeof appointmentSchema>;
const byDoctor = { doctorId: idSchema("doc"), reasonId: idSchema("rea") };

/** Public. At most 62 days. */
export const listSlots = defineEndpoint({
  id: "appointment.slots",
  service,
  method: "GET",
  path: "/api/appointments/slots",
  summary: "Bookable times of a doctor for a reason",
  policy: { kind: "public" },
  query: z.strictObject({ ...byDoctor, from: daySchema, to: daySchema }),
  response: z.object({ items: z.array(slotSchema), nextFreeAt: instantSchema.optional() }),
  problems: ["not-found"],
});
/** 201. Held for 5 min; signed-in patients; at most 3 holds at once. The caller's earlier hold with the same doctor is released. */
export const hold = defineEndpoint({
  id: "appointment.hold",
  service,
  method: "POST",
  path: "/api/appointments/holds",
  summary: "Hold a time while confirming",
  policy: { kind: "roles", roles: ["patient", "staff", "doctor"] },
  status: 201,
  body: z.strictObject({ ...byDoctor, start: instantSchema }),
  response: holdSchema,
  problems: ["slot-taken", "slot-in-past", "slot-outside-hours", "not-found", "hold-limit", "online-booking-closed"],
});
/** Times of these doctors (a list with commas) that somebody is confirming now, with the minutes kept free around them; they name nobody. */
export const listHeld = defineEndpoint({
  id: "appointment.held",
  service,
  method: "GET",
  path: "/api/appointments/held",
  summary: "Times that somebody is confirming",
  policy: { kind: "roles", roles: ["staff", "doctor"] },
  query: z.strictObject({ doctorIds: z.string().min(1).max(2_000) }),
  response: z.object({
    items: z.array(z.object({ doctorId: idSchema("doc"), start: instantSchema, end: instantSchema, expiresAt: instantSchema })),
  }),
  problems: ["not-found"],
});
export const getHold = defineEndpoint({
  id: "appointment.get-hold",
  service,
  method: "GET",
  path: "/api/appointments/holds/:id",
  summary: "An own hold",
  policy: { kind: "roles", roles: ["patient", "staff", "doctor"] },
  params: z.object({ id: idSchema("hld") }),
  response: holdSchema,
  problems: ["not-found", "hold-expired"],
});
/** Five minutes more, up to 30 minutes in all. */
export const extendHold = defineEndpoint({
  id: "appointment.extend-hold",
  service,
  method: "POST",
  path: "/api/appointments/holds/:id/extend",
  summary: "Keep a held time longer",
  policy: { kind: "roles", roles: ["patient", "staff", "doctor"] },
  params: z.object({ id: idSchema("hld") }),
  response: holdSchema,
  problems: ["not-found", "hold-expired", "hold-limit"],
});
export const releaseHold = defineEndpoint({
  id: "appointment.release-hold",
  service,
  method: "DELETE",
  path: "/api/appointments/holds/:id",
  summary: "Give a held time back",
  policy: { kind: "roles", roles: ["patient", "staff", "doctor"] },
  params: z.object({ id: idSchema("hld") }),
  status: 204,
  problems: ["not-found"],
});
/** Why a visit shares its time with another one. The clinic's own note, shown to its members only. */
export const overbookSchema = z.strictObject({ reason: z.string().trim().min(1).max(200) });
/**
 * 201; a repeat with the same key answers the same appointment. Patients book for themselves and for relatives who let them; `patientId` names
 * another patient. `overbook` is for members of the clinic: beside other visits, never in their place.
 */
export const book = defineEndpoint({
  id: "appointment.book",
  service,
  method: "POST",
  path: "/api/appointments",
  summary: "Book a visit",
  policy: { kind: "roles", roles: ["patient", "staff", "doctor"] },
  status: 201,
  idempotent: true,
  body: z.union([
    z.strictObject({ holdId: idSchema("hld"), patientId: idSchema("pat").optional() }),
    z.strictObject({ ...byDoctor, start: instantSchema, patientId: idSchema("pat").optional(), overbook: overbookSchema.optional() }),
  ]),
  response: appointmentSchema,
  problems: [
    "slot-taken",
    "slot-in-past",
    "slot-outside-hours",
    "hold-expired",
    "not-found",
    "online-booking-closed",
    "idempotency-mismatch",
  ],
});
export const cancel = defineEndpoint({
  id: "appointment.cancel",
  service,
  method: "POST",
  path: "/api/appointments/:id/cancel",
  summary: "Cancel a visit",
  policy: { kind: "roles", roles: ["patient", "staff", "doctor"] },
  params: z.object({ id: idSchema("apt") }),
  body: z.strictObject({ reason: z.string().trim().max(300).optional() }),
  response: appointmentSchema,
  problems: ["not-found", "already-cancelled", "wrong-state"],
});
/** Patients see their own; members of the clinic see the agenda (`doctorId`, period of at most 62 days). */
export const listAppointments = defineEndpoint({
  id: "appointment.list",
  service,
  method: "GET",
  path: "/api/appointments",
  summary: "Own visits, or the agenda",
  policy: { kind: "roles", roles: ["patient", "staff", "doctor"] },
  query: z.strictObject({
    from: instantSchema.optional(),
    to: instantSchema.optional(),
    doctorId: idSchema("doc").optional(),
    patientId: idSchema("pat").optional(),
    ...pageQuery,
  }),
  response: listOf(appointmentSchema),
  problems: ["not-found"],
});
export const getAppointment = defineEndpoint({
  id: "appointment.get",
  service,
  method: "GET",
  path: "/api/appointments/:id",
  summary: "One visit",
  policy: { kind: "roles", roles: ["patient", "staff", "doctor"] },
  params: z.object({ id: idSchema("apt") }),
  response: appointmentSchema,
  problems: ["not-found"],
});

/** A day that hours are planned for: of the years 2000 to 2199. */
export const planDaySchema = daySchema.refine((day) => day >= "2000" && day < "2200", { message: "out of range" });
const reasonIds = z.array(idSchema("rea")).min(1).max(50).optional();
const hoursOfDay = { from: timeOfDaySchema, to: timeOfDaySchema, /** Only these reasons; absent: every reason. */ reasonIds };
/**
 * Hours in wall-clock time. `day`: 1 Monday to 7 Sunday (ISO 8601). Windows that meet on one date must not overlap.
 * What counts on a date: a closure of the doctor, else its override, else a closure of the clinic, else the weekly windows.
 */
export const scheduleSchema = z.strictObject({
  zone: zoneSchema,
  windows: z
    .array(
      z.strictObject({
        day: z.number().int().min(1).max(7),
        ...hoursOfDay,
        /** Every so many weeks, counted from the week (Monday to Sunday) of the day `anchor`; absent: every week. */
        everyWeeks: z.number().int().min(1).max(8).optional(),
        anchor: planDaySchema.optional(),
        /** First and last day, both inclusive. */
        validFrom: planDaySchema.optional(),
        validTo: planDaySchema.optional(),
      }),
    )
    .max(60),
  /** Replaces the hours of one date; without windows the date has none. */
  overrides: z
    .array(z.strictObject({ day: planDaySchema, windows: z.array(z.strictObject(hoursOfDay)).max(12) }))
    .max(400)
    .optional(),
  /** Dates without hours. */
  closures: z.array(daySchema).max(400),
  /** Earliest bookable time from now, minutes; and how far ahead, days. */
  noticeMinutes: z.number().int().min(0).max(20160),
  horizonDays: z.number().int().min(1).max(365),
});
export type Schedule = z.infer<typeof scheduleSchema>;
const maxScheduleBytes = 256 * 1024;
/** A wall-clock time of a day, without a zone: `2026-03-29T02:30`. */
export const wallTimeSchema = z.templateLiteral([z.iso.date(), "T", z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/)]);

const stretch = { start: instantSchema, end: instantSchema };
const wallWindows = z.array(z.object({ from: timeOfDaySchema, to: timeOfDaySchema }));
/**
 * Why a time is not bookable: one rule each, with the facts that explain it. The list of codes is closed. Those marked (patients) do
 * not bind members of the clinic.
 */
export const blockerSchema = z.discriminatedUnion("code", [
  z.object({ code: z.literal("in-past"), now: instantSchema }),
  /** The clock skips this time: `resumesAt` is the first instant after the change. */
  z.object({ code: z.literal("clock-change-gap"), resumesAt: instantSchema }),
  z.object({ code: z.literal("closed"), by: z.enum(["doctor", "clinic"]), name: z.string().optional() }),
  z.object({ code: z.literal("outside-hours"), windows: wallWindows }),
  z.object({ code: z.literal("absent"), ...stretch }),
  /** (patients) A calendar elsewhere says that the doctor is busy. */
  z.object({ code: z.literal("external"), ...stretch }),
  /** (patients) The hours here are kept for other reasons; `windows` are those of this reason on this date. */
  z.object({ code: z.literal("reason-not-in-window"), windows: wallWindows }),
  /** (patients) Visits start at other times: the ones before and after on this date. Members: not on a whole minute. */
  z.object({ code: z.literal("off-grid"), before: instantSchema.optional(), after: instantSchema.optional() }),
  /** (patients) */
  z.object({ code: z.literal("notice"), minutes: z.number().int(), earliest: instantSchema }),
  z.object({ code: z.literal("horizon"), days: z.number().int(), lastDay: daySchema }),
  /** (patients) */
  z.object({ code: z.literal("not-online") }),
  /** (patients) */
  z.object({ code: z.literal("new-patients-only") }),
  /** (patients) */
  z.object({ code: z.literal("known-patients-only") }),
  /** (patients) Completed years on the day of the visit, both limits inclusive. */
  z.object({ code: z.literal("age"), min: z.number().int().optional(), max: z.number().int().optional() }),
  /** (patients) */
  z.object({ code: z.literal("daily-cap"), cap: z.number().int(), booked: z.number().int() }),
  z.object({ code: z.literal("taken"), ...stretch, appointmentId: idSchema("apt").optional() }),
  /** Somebody is confirming this time. */
  z.object({ code: z.literal("held"), ...stretch }),
  /** Only the minutes before or after are in the way: `start` and `end` are the other visit's time with its own minutes around it. */
  z.object({ code: z.literal("buffer"), ...stretch, beforeMinutes: z.number().int(), afterMinutes: z.number().int() }),
  /** None of these kinds of room or device is free. */
  z.object({ code: z.literal("no-resource"), types: z.array(z.string()) }),
]);
export type Blocker = z.infer<typeof blockerSchema>;

export const getSchedule = defineEndpoint({
  id: "appointment.get-schedule",
  service,
  method: "GET",
  path: "/api/appointments/schedules/:doctorId",
  summary: "Weekly hours of a doctor",
  policy: { kind: "roles", roles: ["doctor", "staff"] },
  params: z.object({ doctorId: idSchema("doc") }),
  response: scheduleSchema,
  problems: ["not-found"],
});
export const putSchedule = defineEndpoint({
  id: "appointment.put-schedule",
  service,
  method: "PUT",
  path: "/api/appointments/schedules/:doctorId",
  summary: "Replace the weekly hours",
  policy: { kind: "roles", roles: ["doctor", "staff"] },
  params: z.object({ doctorId: idSchema("doc") }),
  body: scheduleSchema,
  maxBodyBytes: maxScheduleBytes,
  response: scheduleSchema,
  problems: ["not-found"],
});
/**
 * What a draft of the hours would give, nothing is stored. `days`: the seven days, from Monday, of the week of `week`, with the start times
 * for the reason (whatever notice and horizon say; `taken`: somebody has it). `outside`: visits to come that would lie outside the hours, 200 at
 * most; `outsideTotal` counts them all. They stay booked.
 */
export const previewSchedule = defineEndpoint({
  id: "appointment.preview-schedule",
  service,
  method: "POST",
  path: "/api/appointments/schedules/:doctorId/preview",
  summary: "The times a draft of the hours would give",
  policy: { kind: "roles", roles: ["doctor", "staff"] },
  params: z.object({ doctorId: idSchema("doc") }),
  body: z.strictObject({ schedule: scheduleSchema, reasonId: idSchema("rea"), week: planDaySchema }),
  maxBodyBytes: maxScheduleBytes,
  response: z.object({
    days: z.array(
      z.object({
        day: daySchema,
        closed: z.object({ by: z.enum(["doctor", "clinic"]), name: z.string().optional() }).optional(),
        slots: z.array(slotSchema.extend({ taken: z.boolean() })),
      }),
    ),
    outside: z.array(
      z.object({ id: idSchema("apt"), patientId: idSchema("pat"), reasonId: idSchema("rea"), start: instantSchema, end: instantSchema }),
    ),
    outsideTotal: z.number().int(),
  }),
  problems: ["not-found"],
});

/** Days on which a whole clinic is closed, for every role; a doctor's override of the date opens it for that doctor. */
export const closureSchema = z.strictObject({ day: planDaySchema, name: z.string().trim().min(1).max(100) });
export type Closure = z.infer<typeof closureSchema>;
const ofClinic = z.strictObject({ clinicId: idSchema("cli") });
export const getClosures = defineEndpoint({
  id: "appointment.get-closures",
  service,
  method: "GET",
  path: "/api/appointments/closures",
  summary: "Days on which a clinic is closed",
  policy: { kind: "roles", roles: ["doctor", "staff", "admin"] },
  query: ofClinic,
  response: z.object({ items: z.array(closureSchema) }),
  problems: ["not-found"],
});
/** Replaces the whole list. Visits booked on a day that becomes closed stay. */
export const putClosures = defineEndpoint({
  id: "appointment.put-closures",
  service,
  method: "PUT",
  path: "/api/appointments/closures",
  summary: "Replace the days on which a clinic is closed",
  policy: { kind: "roles", roles: ["staff", "admin"] },
  query: ofClinic,
  body: z.strictObject({ items: z.array(closureSchema).max(1000) }),
  maxBodyBytes: 256 * 1024,
  response: z.object({ items: z.array(closureSchema) }),
  problems: ["not-found"],
});
/** Why a row of a file cannot be imported. */
export const importFaultCodes = [
  "bad-day",
  "no-day",
  "no-name",
  "name-too-long",
  "ends-before-it-begins",
  "too-many-days",
  "not-all-day",
  "repeats",
  "stands-twice",
  "not-a-calendar",
  "unclosed-quote",
  "not-text",
] as const;
/**
 * Adds the days of a file (iCalendar, or CSV with the columns day, name, and optionally until) to the closures; a day that is closed already gets the
 * name of the file. With `dryRun`, and whenever a row is faulty, nothing is stored: `imported` is false. `row` is the line in the file,
 * from 1. `change`: what the day means for the list.
 */
export const importClosures = defineEndpoint({
  id: "appointment.import-closures",
  service,
  method: "POST",
  path: "/api/appointments/closures/import",
  summary: "Import closed days from a calendar or CSV file",
  policy: { kind: "roles", roles: ["staff", "admin"] },
  body: z.strictObject({
    clinicId: idSchema("cli"),
    format: z.enum(["ics", "csv"]),
    text: z.string().min(1).max(400_000),
    dryRun: z.boolean(),
  }),
  maxBodyBytes: 512 * 1024,
  response: z.object({
    imported: z.boolean(),
    rows: z.array(z.object({ row: z.number().int(), day: daySchema, name: z.string(), change: z.enum(["new", "renamed", "known"]) })),
    faults: z.array(z.object({ row: z.number().int(), code: z.enum(importFaultCodes), message: z.string() })),
  }),
  problems: ["not-found"],
});

/**
 * Why a time is not bookable, for members of the clinic. `at`: an instant, or a wall-clock time of the doctor's zone (`2026-03-29T02:30`), which a
 * clock change may skip. No blocker: patients can book it online. `staff`: members of the clinic can.
 */
export const whyNot = defineEndpoint({
  id: "appointment.why",
  service,
  method: "GET",
  path: "/api/appointments/why",
  summary: "Why a time is not bookable",
  policy: { kind: "roles", roles: ["doctor", "staff"] },
  query: z.strictObject({ ...byDoctor, at: z.union([instantSchema, wallTimeSchema]) }),
  response: z.object({
    online: z.boolean(),
    staff: z.boolean(),
    zone: z.string(),
    blockers: z.array(z.intersection(blockerSchema, z.object({ binds: z.enum(["everybody", "patients"]) }))),
  }),
  problems: ["not-found"],
});
/**
 * Internal: what a confirmation mail needs, read at send time. `signed`: what a link that confirms or cancels it ends with; absent once it is over.
 * `series`: starts of its series that are to come, those cancelled in one step with it, and one calendar file of both.
 */
export const appointmentForMessage = defineEndpoint({
  id: "appointment.for-message",
  service,
  method: "GET",
  path: "/internal/appointments/:id",
  summary: "An appointment, at send time",
  policy: { kind: "service", callers: ["notification"] },
  params: z.object({ id: idSchema("apt") }),
  response: appointmentSchema.extend({
    ics: z.string(),
    signed: z.string().optional(),
    series: z.object({ open: z.array(instantSchema), cancelled: z.array(instantSchema), ics: z.string() }).optional(),
  }),
  problems: ["not-found"],
});
export const appointmentEndpoints = [
  listSlots,
  hold,
  listHeld,
  getHold,
  extendHold,
  releaseHold,
  book,
  cancel,
  listAppointments,
  getSchedule,
  putSchedule,
  previewSchedule,
  getClosures,
  putClosures,
  importClosures,
  whyNot,
  getAppointment,
  appointmentForMessage,
] as const;
