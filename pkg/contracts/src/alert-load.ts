import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { severities } from "./rule.ts";
import { instantSchema, zoneSchema } from "./time.ts";

const count = z.number().int();
const share = z.number().min(0).max(1);

/**
 * How many alerts a clinic had that fired in a period, and what became of them. Withdrawn alerts are only counted as such. A patient counts for
 * the whole period when something of theirs was judged since its beginning, or an alert of theirs fired in it.
 */
export const alertLoadSchema = z.object({
  clinicId: idSchema("cli"),
  from: instantSchema,
  to: instantSchema,
  patients: count,
  patientDays: z.number(),
  alerts: count,
  perPatientDay: z.number(),
  bySeverity: z.record(z.enum(severities), count),
  byClass: z.object({ clinical: count, technical: count }),
  /** Recorded from a backfill: nobody was called. */
  late: count,
  withdrawn: count,
  /** Of the alerts that called somebody, those that somebody took in charge; seconds from firing to the first time. */
  acked: z.object({ share, medianSeconds: z.number().optional(), p90Seconds: z.number().optional() }),
  /** Alerts by the hour of day they fired in, 24 counts, in the zone that was asked for. */
  perHour: z.array(count),
  zone: z.string(),
  /** Most alerts first, at most 10. */
  topRules: z.array(
    z.object({ id: idSchema("rul"), name: z.string(), kind: z.string(), alerts: count, patients: count, ackedShare: share }),
  ),
  /** Most alerts first, at most 10; without id where the caller does not treat the patient. */
  topPatients: z.array(z.object({ patientId: idSchema("pat").optional(), alerts: count, share })),
  /** The tenth of the patients, rounded up, with most alerts, and their share of all alerts. */
  worstTenth: z.object({ patients: count, share }),
  /**
   * What a longer hold would have spared. Exact: each alert keeps the longest stretch for which its condition was met. `spared` would not have
   * been; `undecided` are those still open and not beyond it yet, and those from before that was kept.
   */
  effectOfHold: z.object({ ruleId: idSchema("rul"), holdSeconds: z.number(), alerts: count, spared: count, undecided: count }).optional(),
});
export type AlertLoad = z.infer<typeof alertLoadSchema>;
/** Of at most 92 days. With `ruleId` and `holdSeconds` also what that hold would have spared. Admins get no patient ids. */
export const alertLoad = defineEndpoint({
  id: "alert.load",
  service: "alert",
  method: "GET",
  path: "/api/alerts/load",
  summary: "How many alerts there were, and what became of them",
  policy: { kind: "roles", roles: ["doctor", "admin"] },
  query: z
    .strictObject({
      from: instantSchema,
      to: instantSchema,
      clinicId: idSchema("cli").optional(),
      /** Whose hours of the day are counted; UTC unless said. */
      zone: zoneSchema.optional(),
      ruleId: idSchema("rul").optional(),
      holdSeconds: z.coerce.number().min(0).max(86_400).optional(),
    })
    .refine(({ ruleId, holdSeconds }) => (ruleId === undefined) === (holdSeconds === undefined), {
      path: ["holdSeconds"],
      message: "rule and hold come together",
    }),
  response: alertLoadSchema,
  problems: ["not-found", "invalid-input", "mirror-stale"],
});
export const alertLoadEndpoints = [alertLoad] as const;
