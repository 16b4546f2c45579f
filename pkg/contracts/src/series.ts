import { z } from "zod";
import { appointmentSchema, blockerSchema, slotSchema, wallTimeSchema } from "./appointment.ts";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { daySchema, instantSchema } from "./time.ts";

const service = "appointment" as const;
const members = { kind: "roles", roles: ["staff", "doctor"] } as const;
/** A wall-clock time that visits are planned for: of the years 2000 to 2199. */
const planTimeSchema = wallTimeSchema.refine((time) => time >= "2000" && time < "2200", { message: "out of range" });
/** Visits one series may have. */
export const mostOccurrences = 52;

/**
 * How a series repeats, always at the same time of the doctor's wall clock. Months: on the same `date` (the 31st becomes the last day of a shorter
 * month) or on the same `weekday` of the month (the third Tuesday; a fifth one means the last).
 */
export const rhythmSchema = z.discriminatedUnion("unit", [
  z.strictObject({ unit: z.literal("day"), every: z.number().int().min(1).max(30) }),
  z.strictObject({ unit: z.literal("week"), every: z.number().int().min(1).max(8) }),
  z.strictObject({ unit: z.literal("month"), every: z.number().int().min(1).max(12), by: z.enum(["date", "weekday"]) }),
]);
export type Rhythm = z.infer<typeof rhythmSchema>;
/** When a series ends: after so many visits, or with the last one on or before a day. */
export const seriesEndSchema = z.union([
  z.strictObject({ count: z.number().int().min(2).max(mostOccurrences) }),
  z.strictObject({ until: daySchema }),
]);
export type SeriesEnd = z.infer<typeof seriesEndSchema>;

/**
 * One date as judged now. `free`: members of the clinic may book it. `blockers`: the rules that forbid it, as `why` tells them, and those about the
 * patient or the day's number of visits that members may pass over (`binds: "patients"`). `alternatives`: up to three free times near by, when it
 * is not free. Without `start` the clock skips the time on this day.
 */
const judgedDate = {
  day: daySchema,
  start: instantSchema.optional(),
  end: instantSchema.optional(),
  free: z.boolean(),
  blockers: z.array(z.intersection(blockerSchema, z.object({ binds: z.enum(["everybody", "patients"]) }))),
  alternatives: z.array(slotSchema),
};
export const judgedDateSchema = z.object(judgedDate);
export type JudgedDate = z.infer<typeof judgedDateSchema>;
/** `dates` of the refusals `slot-taken`, `slot-in-past` and `slot-outside-hours`: those that cannot be had, with what is free instead. Nothing was written. */
export const refusedDatesSchema = z.array(judgedDateSchema.extend({ appointmentId: idSchema("apt").optional() }));

const wanted = { doctorId: idSchema("doc"), reasonId: idSchema("rea"), patientId: idSchema("pat") };
/** `start`: the first visit, by the doctor's wall clock. Stores nothing; what it says may change until the series is booked. */
export const previewSeries = defineEndpoint({
  id: "appointment.preview-series",
  service,
  method: "POST",
  path: "/api/appointments/series/preview",
  summary: "The dates a series of visits would have, each judged",
  policy: members,
  body: z.strictObject({ ...wanted, start: planTimeSchema, rhythm: rhythmSchema, end: seriesEndSchema }),
  response: z.object({ zone: z.string(), items: z.array(judgedDateSchema) }),
  problems: ["not-found"],
});

/** `movedAlone`: its last move was its own, not one of the series. */
const seriesVisitSchema = appointmentSchema.extend({ movedAlone: z.boolean() });
/** `size`: visits it had when it was booked; each keeps its number. In order of start. */
export const seriesSchema = z.object({
  id: idSchema("ser"),
  doctorId: idSchema("doc"),
  zone: z.string(),
  rhythm: rhythmSchema,
  size: z.number().int(),
  items: z.array(seriesVisitSchema),
});
export type Series = z.infer<typeof seriesSchema>;

/**
 * 201; `starts` are the dates chosen: planned ones and alternatives, skipped ones left out. All become visits or none: else `dates` of the refusal
 * names those that cannot be had. Each is a visit like any other, numbered in order of time; the patient gets one message for all.
 */
export const bookSeries = defineEndpoint({
  id: "appointment.book-series",
  service,
  method: "POST",
  path: "/api/appointments/series",
  summary: "Book a series of visits",
  policy: members,
  status: 201,
  idempotent: true,
  body: z.strictObject({ ...wanted, rhythm: rhythmSchema, starts: z.array(instantSchema).min(1).max(mostOccurrences) }),
  response: seriesSchema,
  problems: ["not-found", "slot-taken", "slot-in-past", "slot-outside-hours", "idempotency-mismatch"],
});
const seriesParams = z.object({ id: idSchema("ser") });
export const getSeries = defineEndpoint({
  id: "appointment.get-series",
  service,
  method: "GET",
  path: "/api/appointments/series/:id",
  summary: "A series and its visits",
  policy: members,
  params: seriesParams,
  response: seriesSchema,
  problems: ["not-found"],
});

/** What a change of the series does to a visit: it changes, or why it is left as it is. `moved-alone`: unless it is chosen. */
export const seriesFates = ["change", "moved-alone", "past", "begun", "cancelled"] as const;
export type SeriesFate = (typeof seriesFates)[number];
/**
 * What a change would do to a visit of the series (`one`), to it and the later ones (`following`), or to all. With `to`, the time its own visit would
 * have by the doctor's wall clock: every visit moves by as many days, to the same time of day, and `date` judges it there as if all that
 * change had given up their times. Without `to`: a cancellation. Stores nothing.
 */
export const previewSeriesChange = defineEndpoint({
  id: "appointment.preview-series-change",
  service,
  method: "POST",
  path: "/api/appointments/series/:id/preview",
  summary: "What a change would do to the visits of a series",
  policy: members,
  params: seriesParams,
  body: z.strictObject({
    appointmentId: idSchema("apt"),
    scope: z.enum(["one", "following", "all"]),
    to: planTimeSchema.optional(),
  }),
  response: z.object({
    zone: z.string(),
    items: z.array(z.object({ visit: seriesVisitSchema, fate: z.enum(seriesFates), date: judgedDateSchema.optional() })),
  }),
  problems: ["not-found"],
});
/** All of the named visits have their new times, or none: else `dates` of the refusal. Ids stay; a visit that is over or has begun refuses all. */
export const moveSeries = defineEndpoint({
  id: "appointment.move-series",
  service,
  method: "POST",
  path: "/api/appointments/series/:id/move",
  summary: "Move visits of a series",
  policy: members,
  idempotent: true,
  params: seriesParams,
  body: z.strictObject({
    visits: z
      .array(z.strictObject({ appointmentId: idSchema("apt"), start: instantSchema }))
      .min(1)
      .max(mostOccurrences),
  }),
  response: seriesSchema,
  problems: ["not-found", "slot-taken", "slot-in-past", "slot-outside-hours", "wrong-state", "version-conflict", "idempotency-mismatch"],
});
/** All of the named visits are cancelled, or none. A visit that is over, has begun or is cancelled already refuses all. */
export const cancelSeries = defineEndpoint({
  id: "appointment.cancel-series",
  service,
  method: "POST",
  path: "/api/appointments/series/:id/cancel",
  summary: "Cancel visits of a series",
  policy: members,
  idempotent: true,
  params: seriesParams,
  body: z.strictObject({
    appointmentIds: z.array(idSchema("apt")).min(1).max(mostOccurrences),
    /** The patient sees it. */
    reason: z.string().trim().max(300).optional(),
  }),
  response: seriesSchema,
  problems: ["not-found", "wrong-state", "version-conflict", "idempotency-mismatch"],
});

export const seriesEndpoints = [previewSeries, bookSeries, getSeries, previewSeriesChange, moveSeries, cancelSeries] as const;
