import { z } from "zod";
import { appointmentSchema } from "./appointment.ts";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { daySchema, instantSchema, timeOfDaySchema } from "./time.ts";

const service = "appointment" as const;
const everybody = { kind: "roles", roles: ["patient", "staff", "doctor"] } as const;
const wish = { doctorId: idSchema("doc"), reasonId: idSchema("rea") };
/** What a time must be like, in the doctor's zone. What is absent is not asked for. */
const criteria = {
  /** Weekdays: 1 Monday to 7 Sunday (ISO 8601). */
  days: z.array(z.number().int().min(1).max(7)).min(1).max(7).optional(),
  /** The visit starts at or after `from` and before `to`. */
  hours: z.strictObject({ from: timeOfDaySchema, to: timeOfDaySchema }).optional(),
  /** First and last day, both inclusive. */
  from: daySchema.optional(),
  until: daySchema.optional(),
};

/** `one-by-one`: a freed time is held for one entry after the other, in order of entry. `first-come`: all who match are told, nothing is held. */
export const waitlistModes = ["one-by-one", "first-come", "off"] as const;
export const waitlistSettingsSchema = z.object({
  doctorId: idSchema("doc"),
  mode: z.enum(waitlistModes),
  /** How long an offered time is held, minutes; never longer than until the notice before it. */
  offerMinutes: z.number().int().min(15).max(2880),
});
export type WaitlistSettings = z.infer<typeof waitlistSettingsSchema>;

/** A time that became free. `held`: nobody else can have it until `until`; else the first who accepts has it. */
export const waitlistOfferSchema = z.object({
  id: idSchema("wof"),
  entryId: idSchema("wle"),
  patientId: idSchema("pat"),
  ...wish,
  start: instantSchema,
  end: instantSchema,
  zone: z.string(),
  until: instantSchema,
  held: z.boolean(),
  serverTime: instantSchema,
});
export type WaitlistOffer = z.infer<typeof waitlistOfferSchema>;
export const waitlistEntrySchema = z.object({
  id: idSchema("wle"),
  patientId: idSchema("pat"),
  ...wish,
  others: z.array(z.object(wish)),
  ...criteria,
  /** The visit that moves when an offer is accepted. */
  insteadOf: idSchema("apt").optional(),
  createdAt: instantSchema,
  offer: waitlistOfferSchema.optional(),
});
export type WaitlistEntry = z.infer<typeof waitlistEntrySchema>;

/** Entries that wait: own ones or a relative's; members of the clinic see a doctor's or their clinics', in order of entry. At most 500. */
export const listWaitlist = defineEndpoint({
  id: "appointment.list-waitlist",
  service,
  method: "GET",
  path: "/api/appointments/waitlist",
  summary: "Who waits for a time",
  policy: everybody,
  query: z.strictObject({ patientId: idSchema("pat").optional(), doctorId: idSchema("doc").optional() }),
  response: z.object({ items: z.array(waitlistEntrySchema) }),
  problems: ["not-found"],
});
/**
 * 201. From now on times that become free (cancelled, moved, newly opened) are offered; what is free already is booked as usual. `others`: further
 * doctors of the same clinic. With `insteadOf`, accepting moves that visit; without `until` only earlier times are offered then. Refused
 * with `wrong-state`: the doctor keeps no waitlist, the patient waits for this doctor and reason already, or waits for ten things.
 */
export const joinWaitlist = defineEndpoint({
  id: "appointment.join-waitlist",
  service,
  method: "POST",
  path: "/api/appointments/waitlist",
  summary: "Wait for a time that becomes free",
  policy: everybody,
  status: 201,
  body: z.strictObject({
    ...wish,
    others: z.array(z.strictObject(wish)).max(9).optional(),
    ...criteria,
    insteadOf: idSchema("apt").optional(),
    patientId: idSchema("pat").optional(),
  }),
  response: waitlistEntrySchema,
  problems: ["not-found", "wrong-state", "already-cancelled", "online-booking-closed", "slot-outside-hours"],
});
/** An offer of the entry is declined with it. */
export const leaveWaitlist = defineEndpoint({
  id: "appointment.leave-waitlist",
  service,
  method: "DELETE",
  path: "/api/appointments/waitlist/:id",
  summary: "Wait no longer",
  policy: everybody,
  params: z.object({ id: idSchema("wle") }),
  status: 204,
  problems: ["not-found"],
});
const offerParams = z.object({ id: idSchema("wof") });
/**
 * Books the offered time, or moves the visit it is instead of, which keeps its id. The entry waits no longer. `hold-expired`: the offer's
 * time is over. `slot-taken`: somebody was faster (nothing was held). `wrong-state`: accepted, declined or withdrawn before.
 */
export const acceptOffer = defineEndpoint({
  id: "appointment.accept-offer",
  service,
  method: "POST",
  path: "/api/appointments/waitlist/offers/:id/accept",
  summary: "Take an offered time",
  policy: everybody,
  params: offerParams,
  response: appointmentSchema,
  problems: [
    "not-found",
    "hold-expired",
    "slot-taken",
    "slot-in-past",
    "slot-outside-hours",
    "wrong-state",
    "already-cancelled",
    "online-booking-closed",
    "version-conflict",
  ],
});
/** The time goes to the next who waits; the entry goes on waiting for others. */
export const declineOffer = defineEndpoint({
  id: "appointment.decline-offer",
  service,
  method: "POST",
  path: "/api/appointments/waitlist/offers/:id/decline",
  summary: "Pass on an offered time",
  policy: everybody,
  params: offerParams,
  status: 204,
  problems: ["not-found", "wrong-state"],
});
const ofDoctor = z.object({ doctorId: idSchema("doc") });
/** Public: a page of the doctor says whether one can wait. */
export const getWaitlistSettings = defineEndpoint({
  id: "appointment.get-waitlist-settings",
  service,
  method: "GET",
  path: "/api/appointments/waitlist/settings/:doctorId",
  summary: "How a doctor's waitlist works",
  policy: { kind: "public" },
  params: ofDoctor,
  response: waitlistSettingsSchema,
  problems: ["not-found"],
});
/** Switched off, nobody joins and nothing is offered; offers that were made stand. Who waits goes on when it is switched on again. */
export const putWaitlistSettings = defineEndpoint({
  id: "appointment.put-waitlist-settings",
  service,
  method: "PUT",
  path: "/api/appointments/waitlist/settings/:doctorId",
  summary: "Set how a doctor's waitlist works",
  policy: { kind: "roles", roles: ["staff", "doctor"] },
  params: ofDoctor,
  body: z.strictObject({ mode: z.enum(waitlistModes), offerMinutes: z.number().int().min(15).max(2880).optional() }),
  response: waitlistSettingsSchema,
  problems: ["not-found"],
});
/** Internal: what a message about an offer needs, read at send time. */
export const offerForMessage = defineEndpoint({
  id: "appointment.offer-for-message",
  service,
  method: "GET",
  path: "/internal/waitlist-offers/:id",
  summary: "An offer, at send time",
  policy: { kind: "service", callers: ["notification"] },
  params: offerParams,
  response: waitlistOfferSchema.extend({ isOpen: z.boolean() }),
  problems: ["not-found"],
});

export const waitlistEndpoints = [
  listWaitlist,
  joinWaitlist,
  leaveWaitlist,
  acceptOffer,
  declineOffer,
  getWaitlistSettings,
  putWaitlistSettings,
  offerForMessage,
] as const;
