import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf, pageQuery } from "./page.ts";
import { daySchema, instantSchema } from "./time.ts";

const service = "doctor" as const;
/** Specialities of the directory, keyed by a stable word; the UI translates them. */
export const specialties = [
  "general-practice",
  "cardiology",
  "dermatology",
  "endocrinology",
  "gynaecology",
  "ophthalmology",
  "paediatrics",
  "pulmonology",
  "psychiatry",
  "rheumatology",
] as const;
export const specialtySchema = z.enum(specialties);
const localisedText = z.strictObject({ fr: z.string().trim().min(1).max(120), en: z.string().trim().min(1).max(120) });

const hoursBefore = z.number().int().min(0).max(168);
const bufferMinutes = z.number().int().min(0).max(120);
const years = z.number().int().min(0).max(130);
const guidance = z.strictObject({ fr: z.string().trim().min(1).max(600), en: z.string().trim().min(1).max(600) });
/** Kind of room or device, as a clinic names it. */
export const resourceTypeSchema = z
  .string()
  .max(40)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower-case words joined by hyphens");

/**
 * What a visit reason asks for. Everything behind `cancelHours` came later and has a default, so that stored reasons and events of before
 * stay valid.
 */
export const reasonRules = {
  minutes: z.number().int().min(5).max(240),
  online: z.boolean(),
  /** Patients may cancel until so many hours before; 0: until the visit begins. */
  cancelHours: hoursBefore,
  /** Patients may move until so many hours before; absent: as `cancelHours`. */
  moveHours: hoursBefore.optional(),
  /** Minutes kept free before and after; they may lie outside the hours, the visit may not. */
  bufferBeforeMinutes: bufferMinutes.default(0),
  bufferAfterMinutes: bufferMinutes.default(0),
  /** Latest and earliest booking, instead of the schedule's own. */
  noticeMinutes: z.number().int().min(0).max(20160).optional(),
  horizonDays: z.number().int().min(1).max(365).optional(),
  visitors: z.enum(["all", "new", "known"]).default("all"),
  /** Completed years on the day of the visit, both included. */
  minAge: years.optional(),
  maxAge: years.optional(),
  /** Most visits with this reason on one day. */
  dailyCap: z.number().int().min(1).max(200).optional(),
  mode: z.enum(["in-person", "video"]).default("in-person"),
  /** Kinds of room or device; one free resource of each is booked with the visit. */
  resourceTypes: z.array(resourceTypeSchema).max(5).default([]),
  instructions: guidance.optional(),
  bring: guidance.optional(),
};
export const reasonSchema = z.object({ id: idSchema("rea"), name: localisedText, ...reasonRules });
export type Reason = z.infer<typeof reasonSchema>;
export const doctorSchema = z.object({
  id: idSchema("doc"),
  clinicId: idSchema("cli"),
  givenName: z.string(),
  familyName: z.string(),
  specialty: specialtySchema,
  languages: z.array(z.string()),
  clinicName: z.string(),
  address: z.string(),
  city: z.string(),
  phone: z.string(),
  zone: z.string(),
  lat: z.number(),
  lng: z.number(),
  sector: z.enum(["1", "2"]),
  wheelchair: z.boolean(),
  acceptsNew: z.boolean(),
  about: localisedText.optional(),
});
export type Doctor = z.infer<typeof doctorSchema>;
export const doctorItemSchema = doctorSchema.extend({
  nextSlotAt: instantSchema.optional(),
  nextReasonId: idSchema("rea").optional(),
  distanceKm: z.number().optional(),
  /** Some reason may be booked online as a video visit. */
  video: z.boolean(),
});
const yes = z.literal("true").optional();

/**
 * Public. `q` matches names, specialities (French, English, everyday words) and visit reasons: accents ignored, each word from its beginning,
 * one typing error forgiven in names of four letters or more; doctors found only so are `approximate` and come last. `near` is `LAT,LNG`.
 * `reason` (words of a visit reason) and `video` also choose whose opening is shown; `before`: an opening before that instant.
 * `sort` by earliest opening (default), distance or name.
 */
export const searchDoctors = defineEndpoint({
  id: "doctor.search",
  service,
  method: "GET",
  path: "/api/doctors",
  summary: "Find a doctor",
  policy: { kind: "public" },
  query: z.strictObject({
    q: z.string().trim().max(80).optional(),
    specialty: specialtySchema.optional(),
    near: z
      .string()
      .regex(/^-?\d{1,2}(\.\d+)?,-?\d{1,3}(\.\d+)?$/)
      .optional(),
    radiusKm: z.coerce.number().min(0.1).max(500).optional(),
    language: z.string().max(8).optional(),
    reason: z.string().trim().max(80).optional(),
    sector: z.enum(["1", "2"]).optional(),
    acceptsNew: yes,
    wheelchair: yes,
    video: yes,
    before: instantSchema.optional(),
    sort: z.enum(["earliest", "distance", "name"]).optional(),
    ...pageQuery,
    // Names of any script are part of it, three bytes a letter and encoded twice.
    cursor: z.string().max(1200).optional(),
  }),
  response: listOf(doctorItemSchema.extend({ approximate: z.boolean().optional() })),
});
/** Public. What somebody who types this may mean: specialities, doctors, visit reasons; at most ten. */
export const suggestDoctors = defineEndpoint({
  id: "doctor.suggest",
  service,
  method: "GET",
  path: "/api/doctors/suggestions",
  summary: "Complete what is typed in the search for a doctor",
  policy: { kind: "public" },
  query: z.strictObject({ q: z.string().trim().min(1).max(80) }),
  response: listOf(
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("specialty"), specialty: specialtySchema }),
      z.object({ kind: z.literal("doctor"), ...doctorSchema.pick({ id: true, givenName: true, familyName: true, specialty: true }).shape }),
      z.object({ kind: z.literal("reason"), name: localisedText }),
    ]),
  ),
});
export const getDoctor = defineEndpoint({
  id: "doctor.get",
  service,
  method: "GET",
  path: "/api/doctors/:id",
  summary: "A doctor's public profile",
  policy: { kind: "public" },
  params: z.object({ id: idSchema("doc") }),
  response: doctorItemSchema,
  problems: ["not-found"],
});
export const listReasons = defineEndpoint({
  id: "doctor.list-reasons",
  service,
  method: "GET",
  path: "/api/doctors/:id/reasons",
  summary: "Visit reasons of a doctor",
  policy: { kind: "public" },
  params: z.object({ id: idSchema("doc") }),
  response: listOf(reasonSchema),
  problems: ["not-found"],
});
export const putMyProfile = defineEndpoint({
  id: "doctor.put-profile",
  service,
  method: "PUT",
  path: "/api/doctors/me/profile",
  summary: "Publish own profile",
  policy: { kind: "roles", roles: ["doctor"] },
  body: z.strictObject({
    specialty: specialtySchema,
    languages: z.array(z.string().min(2).max(8)).min(1).max(10),
    sector: z.enum(["1", "2"]),
    wheelchair: z.boolean(),
    acceptsNew: z.boolean(),
    about: localisedText.optional(),
    address: z.string().trim().max(200).optional(),
    lat: z.number().min(-90).max(90).optional(),
    lng: z.number().min(-180).max(180).optional(),
  }),
  response: doctorSchema,
  problems: ["not-found"],
});
const givenReason = z
  .strictObject({ id: idSchema("rea").optional(), name: localisedText, ...reasonRules, cancelHours: hoursBefore.default(0) })
  .refine(({ minAge, maxAge }) => minAge === undefined || maxAge === undefined || minAge <= maxAge, {
    path: ["maxAge"],
    message: "lies below minAge",
  })
  .refine(({ resourceTypes }) => new Set(resourceTypes).size === resourceTypes.length, {
    path: ["resourceTypes"],
    message: "a kind stands twice",
  });
/** Replaces the list; a reason with a known id keeps it, one without gets a new id, a missing one is retired. */
export const putMyReasons = defineEndpoint({
  id: "doctor.put-reasons",
  service,
  method: "PUT",
  path: "/api/doctors/me/reasons",
  summary: "Replace own visit reasons",
  policy: { kind: "roles", roles: ["doctor"] },
  body: z.strictObject({ reasons: z.array(givenReason).max(40) }),
  maxBodyBytes: 256 * 1024,
  response: listOf(reasonSchema),
  problems: ["not-found"],
});

/** One line for an envelope or a calendar: the town is added unless the address names it already. */
export function postalLine(address: string, city: string): string {
  if (!address) return city;
  return address.toLowerCase().includes(city.toLowerCase()) ? address : `${address}, ${city}`;
}

/** Figures of the doctor's analytics page, all from gold. `asOf` is when gold was last built; absent before the first run. */
const analyticsQuery = z.strictObject({ from: daySchema.optional(), to: daySchema.optional(), patientId: idSchema("pat").optional() });
const asOf = { asOf: instantSchema.optional() };
export const analyticsOverview = defineEndpoint({
  id: "doctor.analytics-overview",
  service,
  method: "GET",
  path: "/api/doctors/me/analytics/overview",
  summary: "Totals of the period",
  policy: { kind: "roles", roles: ["doctor"] },
  query: analyticsQuery,
  response: z.object({
    ...asOf,
    readings: z.number(),
    alerts: z.number(),
    medianAckSeconds: z.number().optional(),
    appointments: z.number(),
    patients: z.number(),
  }),
});
export const analyticsVitals = defineEndpoint({
  id: "doctor.analytics-vitals",
  service,
  method: "GET",
  path: "/api/doctors/me/analytics/vitals",
  summary: "Vitals per day",
  policy: { kind: "roles", roles: ["doctor"] },
  query: analyticsQuery,
  response: z.object({
    ...asOf,
    items: z.array(
      z.object({ day: daySchema, signal: z.string(), unit: z.string(), n: z.number(), min: z.number(), mean: z.number(), max: z.number() }),
    ),
  }),
});
export const analyticsAlerts = defineEndpoint({
  id: "doctor.analytics-alerts",
  service,
  method: "GET",
  path: "/api/doctors/me/analytics/alerts",
  summary: "Alerts by day and severity, time to acknowledge",
  policy: { kind: "roles", roles: ["doctor"] },
  query: analyticsQuery,
  response: z.object({
    ...asOf,
    items: z.array(
      z.object({ day: daySchema, severity: z.string(), n: z.number(), acked: z.number(), medianAckSeconds: z.number().optional() }),
    ),
  }),
});
export const analyticsAppointments = defineEndpoint({
  id: "doctor.analytics-appointments",
  service,
  method: "GET",
  path: "/api/doctors/me/analytics/appointments",
  summary: "Appointments per week",
  policy: { kind: "roles", roles: ["doctor"] },
  query: analyticsQuery,
  response: z.object({ ...asOf, items: z.array(z.object({ weekStart: daySchema, booked: z.number(), cancelled: z.number() })) }),
});
export const doctorEndpoints = [
  searchDoctors,
  suggestDoctors,
  getDoctor,
  listReasons,
  putMyProfile,
  putMyReasons,
  analyticsOverview,
  analyticsVitals,
  analyticsAlerts,
  analyticsAppointments,
] as const;
