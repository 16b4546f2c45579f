import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { daySchema, instantSchema } from "./time.ts";

const service = "appointment" as const;
const owners = { kind: "roles", roles: ["patient", "doctor"] } as const;

/** A visit as an iCalendar file: the one that the mails carry, with the same UID and SEQUENCE. */
export const visitCalendarFile = defineEndpoint({
  id: "appointment.calendar-file",
  service,
  method: "GET",
  path: "/api/appointments/:id.ics",
  summary: "A visit as a calendar file",
  policy: { kind: "roles", roles: ["patient", "staff", "doctor"] },
  params: z.object({ id: idSchema("apt") }),
  stream: "other",
  problems: ["not-found"],
});

export const feedKinds = ["patient", "doctor"] as const;
export const calendarFeedSchema = z.object({
  id: idSchema("cal"),
  kind: z.enum(feedKinds),
  /** Of kind `doctor`: whose agenda. */
  doctorId: idSchema("doc").optional(),
  /** False: titles say only that there is a visit. */
  details: z.boolean(),
  /** Language of the titles. */
  locale: z.enum(["fr", "en"]),
  createdAt: instantSchema,
  /** The last day (UTC) on which a calendar asked for it. */
  lastReadOn: daySchema.optional(),
});
export type CalendarFeed = z.infer<typeof calendarFeedSchema>;

/**
 * 201. A secret address that a calendar program subscribes to: one's own visits, or a doctor's own agenda. `url` is a path on this host; it is told
 * only here and ends with `DELETE`. `details` adds doctor and reason to a patient's titles, the reason to a doctor's; a doctor's calendar never
 * names patients. At most 10 of a kind per account (`wrong-state`).
 */
export const createFeed = defineEndpoint({
  id: "appointment.create-calendar",
  service,
  method: "POST",
  path: "/api/appointments/feeds",
  summary: "Make a private calendar address",
  policy: owners,
  status: 201,
  body: z.strictObject({
    kind: z.enum(feedKinds),
    /** Of kind `doctor`, for who is a doctor in several clinics. */
    doctorId: idSchema("doc").optional(),
    details: z.boolean().optional(),
    locale: z.enum(["fr", "en"]).optional(),
  }),
  response: calendarFeedSchema.extend({ url: z.string() }),
  problems: ["not-found", "wrong-state"],
});
export const listFeeds = defineEndpoint({
  id: "appointment.list-calendars",
  service,
  method: "GET",
  path: "/api/appointments/feeds",
  summary: "Own private calendar addresses",
  policy: owners,
  response: z.object({ items: z.array(calendarFeedSchema) }),
});
/** At once: the next request for its address is answered like one for an address that never was. */
export const revokeFeed = defineEndpoint({
  id: "appointment.revoke-calendar",
  service,
  method: "DELETE",
  path: "/api/appointments/feeds/:id",
  summary: "End a private calendar address",
  policy: owners,
  params: z.object({ id: idSchema("cal") }),
  status: 204,
  problems: ["not-found"],
});
/**
 * For calendar programs: iCalendar with `ETag`. Visits from 90 days ago on; a cancelled one stays as `STATUS:CANCELLED` for 30 days.
 * Unknown and revoked addresses answer alike.
 */
export const readFeed = defineEndpoint({
  id: "appointment.read-calendar",
  service,
  method: "GET",
  path: "/api/appointments/feeds/:token.ics",
  summary: "A private calendar",
  policy: { kind: "public" },
  params: z.object({ token: z.string().regex(/^[\w-]{43}$/) }),
  stream: "other",
  problems: ["not-found", "upstream-unreachable"],
});

export const calendarFeedEndpoints = [visitCalendarFile, createFeed, listFeeds, revokeFeed, readFeed] as const;
