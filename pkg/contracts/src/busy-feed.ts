import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { instantSchema } from "./time.ts";

const service = "appointment" as const;
const members = { kind: "roles", roles: ["staff", "doctor"] } as const;

/** What may be wrong with the last reading of a calendar. The times read before it still count. */
export const busyFeedFaults = [
  /** No address of the host, or none that may be asked: only the public internet is. */
  "no-such-host",
  "not-allowed",
  "not-reachable",
  "too-slow",
  /** The host answered with another status than success. */
  "refused",
  "too-many-redirects",
  "too-large",
  "not-a-calendar",
  /** More times, or rules that take longer to work out, than a doctor's calendar has. */
  "too-much",
] as const;
export type BusyFeedFault = (typeof busyFeedFaults)[number];

/** A doctor's calendar elsewhere. The address itself is told to nobody again. */
export const busyFeedSchema = z.object({
  id: idSchema("bsy"),
  doctorId: idSchema("doc"),
  host: z.string(),
  createdAt: instantSchema,
  /** When it was last asked, and when it last answered (perhaps that nothing changed). */
  triedAt: instantSchema.optional(),
  answeredAt: instantSchema.optional(),
  fault: z.enum(busyFeedFaults).optional(),
  /** Busy times to come that it gives. */
  blocks: z.number().int(),
  /** Booked visits to come that lie in one of them: they stay. 50 at most. */
  visits: z.array(z.object({ id: idSchema("apt"), patientId: idSchema("pat"), start: instantSchema, end: instantSchema })),
});
export type BusyFeed = z.infer<typeof busyFeedSchema>;

/**
 * 201. Reads when a doctor is busy elsewhere from an iCalendar address (`https` or `webcal`), now and then every 15 minutes: times only, no titles.
 * Patients book none of them; members of the clinic do if they mean to. At most 5 for a doctor (`wrong-state`).
 */
export const addBusyFeed = defineEndpoint({
  id: "appointment.add-busy-feed",
  service,
  method: "POST",
  path: "/api/appointments/busy-feeds",
  summary: "Take a doctor's busy times from a calendar elsewhere",
  policy: members,
  status: 201,
  body: z.strictObject({ doctorId: idSchema("doc"), url: z.string().trim().min(1).max(2_000) }),
  response: busyFeedSchema,
  problems: ["not-found", "wrong-state"],
});
export const listBusyFeeds = defineEndpoint({
  id: "appointment.list-busy-feeds",
  service,
  method: "GET",
  path: "/api/appointments/busy-feeds",
  summary: "A doctor's calendars elsewhere",
  policy: members,
  query: z.strictObject({ doctorId: idSchema("doc") }),
  response: z.object({ items: z.array(busyFeedSchema) }),
  problems: ["not-found"],
});
/** Its times are free again at once. */
export const removeBusyFeed = defineEndpoint({
  id: "appointment.remove-busy-feed",
  service,
  method: "DELETE",
  path: "/api/appointments/busy-feeds/:id",
  summary: "Read a calendar no more",
  policy: members,
  params: z.object({ id: idSchema("bsy") }),
  status: 204,
  problems: ["not-found"],
});
/** Of these doctors (a list with commas), for the agenda; at most 62 days. Half-open. */
export const listBusyTimes = defineEndpoint({
  id: "appointment.busy-times",
  service,
  method: "GET",
  path: "/api/appointments/busy-times",
  summary: "When doctors are busy elsewhere",
  policy: members,
  query: z.strictObject({ doctorIds: z.string().min(1).max(2_000), from: instantSchema, to: instantSchema }),
  response: z.object({ items: z.array(z.object({ doctorId: idSchema("doc"), start: instantSchema, end: instantSchema })) }),
  problems: ["not-found"],
});

export const busyFeedEndpoints = [addBusyFeed, listBusyFeeds, removeBusyFeed, listBusyTimes] as const;
