import { z } from "zod";
import { idSchema } from "./ids.ts";
import { layerSchema, ruleBodySchema } from "./rule.ts";
import { instantSchema } from "./time.ts";

/** Patients of a clinic who share rules. Membership counts by receive time: a patient put in or taken out is so for readings from then on. */
export const patientGroupSchema = z.object({
  id: idSchema("grp"),
  clinicId: idSchema("cli"),
  name: z.string(),
  /** Those the caller treats. */
  patientIds: z.array(idSchema("pat")),
  /** How many more are in it, whom the caller does not treat. */
  otherPatients: z.number().int(),
  changedAt: instantSchema,
  changedBy: idSchema("acc").optional(),
});
export type PatientGroup = z.infer<typeof patientGroupSchema>;
/** `patientIds`: of the patients whom the caller treats, those who are in it from now on. The others stay as they are. */
export const patientGroupInput = z.strictObject({
  clinicId: idSchema("cli").optional(),
  name: z.string().trim().min(1).max(80),
  patientIds: z.array(idSchema("pat")).max(500),
});

/** One rule as published: its value, for whom, by whom, when and why. */
export const publishedRuleSchema = z.object({
  id: idSchema("rul"),
  version: z.number().int(),
  name: z.string(),
  layer: layerSchema,
  /** Of layer `group`. */
  group: z.object({ id: idSchema("grp"), name: z.string() }).optional(),
  rule: ruleBodySchema,
  enabled: z.boolean(),
  /** When this version was published. */
  at: instantSchema,
  /** The name is empty until svc/auth has told it. */
  by: z.object({ accountId: idSchema("acc"), name: z.string() }).optional(),
  reason: z.string().optional(),
});
/** A rule that judges the patient now, and those it stands in place of for them: the next one first, the clinic's last. */
export const effectiveRuleSchema = publishedRuleSchema.extend({ replaces: z.array(publishedRuleSchema) });
export type EffectiveRule = z.infer<typeof effectiveRuleSchema>;
