import { z } from "zod";
import { cancelReasonSchema } from "./cancel-reason.ts";
import { defineEndpoint } from "./endpoint.ts";
import { instantSchema } from "./time.ts";

const service = "appointment" as const;
/** Whatever the text: what is no link is answered like a link that is none any more. */
const params = z.object({ signed: z.string().min(1).max(300) });

/**
 * What a mail's link shows of a visit to whoever has it: time, place and doctor. Neither patient nor reason nor speciality: an appointment is
 * health data, and mails are forwarded.
 */
export const linkedVisitSchema = z.object({
  status: z.enum(["booked", "cancelled", "over"]),
  start: instantSchema,
  end: instantSchema,
  zone: z.string(),
  /** Absent when the directory does not answer, or the doctor is no longer listed. */
  doctor: z.string().optional(),
  clinic: z.object({ name: z.string(), address: z.string(), phone: z.string().optional() }).optional(),
  confirmedAt: instantSchema.optional(),
  /** Last instant at which it can be cancelled this way, and the policy that says so, in hours before the start. */
  cancelUntil: instantSchema,
  cancelHours: z.number(),
  /** To choose from, when it is cancelled. */
  reasons: z.array(cancelReasonSchema),
});
export type LinkedVisit = z.infer<typeof linkedVisitSchema>;

/**
 * Shows, changes nothing: mail programs open links by themselves. `status`: `over` for a visit whose patient has arrived. Forged, expired (the
 * visit began), of a visit that was moved meanwhile, of no visit: all `not-found`, in the same words.
 */
export const readLink = defineEndpoint({
  id: "appointment.read-link",
  service,
  method: "GET",
  path: "/api/appointments/links/:signed",
  summary: "The visit of a mail's link",
  policy: { kind: "public" },
  params,
  response: linkedVisitSchema,
  problems: ["not-found"],
});
/** A repeat answers the same. Cancelling obeys the reason's policy as for the signed-in patient (`wrong-state` with `policy`). */
export const answerLink = defineEndpoint({
  id: "appointment.answer-link",
  service,
  method: "POST",
  path: "/api/appointments/links/:signed",
  summary: "Confirm or cancel a visit without signing in",
  policy: { kind: "public" },
  params,
  body: z.strictObject({
    action: z.enum(["confirm", "cancel"]),
    /** Of a cancellation; the clinic reads it. */
    reason: z.string().trim().max(300).optional(),
  }),
  response: linkedVisitSchema,
  problems: ["not-found", "already-cancelled", "wrong-state"],
});

export const visitLinkEndpoints = [readLink, answerLink] as const;
