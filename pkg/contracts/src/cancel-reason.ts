import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";

const service = "appointment" as const;

const words = z.string().trim().min(1).max(80);
/** A reason as both languages say it. What is kept of a cancellation is the text that was chosen, or written freely. */
export const cancelReasonSchema = z.strictObject({ fr: words, en: words });
export type CancelReason = z.infer<typeof cancelReasonSchema>;
const list = z.array(cancelReasonSchema).min(1).max(12);
/** What a clinic offers when a visit is cancelled: to patients, and to its members. */
export const cancelReasonsSchema = z.strictObject({ patient: list, staff: list });
export type CancelReasons = z.infer<typeof cancelReasonsSchema>;

/** Of the clinic, or of a doctor's clinic; who works in one clinic may leave both out. Nothing in it is secret. Until a clinic sets its own: the product's. */
export const getCancelReasons = defineEndpoint({
  id: "appointment.get-cancel-reasons",
  service,
  method: "GET",
  path: "/api/appointments/cancel-reasons",
  summary: "Reasons offered when a visit is cancelled",
  policy: { kind: "roles", roles: ["patient", "staff", "doctor", "admin"] },
  query: z.strictObject({ clinicId: idSchema("cli").optional(), doctorId: idSchema("doc").optional() }),
  response: cancelReasonsSchema,
  problems: ["not-found"],
});
export const putCancelReasons = defineEndpoint({
  id: "appointment.put-cancel-reasons",
  service,
  method: "PUT",
  path: "/api/appointments/cancel-reasons",
  summary: "Set the reasons offered when a visit is cancelled",
  policy: { kind: "roles", roles: ["staff", "doctor", "admin"] },
  query: z.strictObject({ clinicId: idSchema("cli").optional() }),
  body: cancelReasonsSchema,
  response: cancelReasonsSchema,
  problems: ["not-found"],
});

export const cancelReasonEndpoints = [getCancelReasons, putCancelReasons] as const;
