import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf } from "./page.ts";
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

const service = "alert" as const;
const doctors = { kind: "roles", roles: ["doctor"] } as const;
const groupParams = z.object({ id: idSchema("grp") });
/** Groups of the caller's clinics. */
export const listGroups = defineEndpoint({
  id: "alert.list-groups",
  service,
  method: "GET",
  path: "/api/rules/groups",
  summary: "Groups of patients who share rules",
  policy: doctors,
  response: listOf(patientGroupSchema),
  problems: ["mirror-stale"],
});
/** Only patients whom the caller treats in the clinic can be put in. */
export const createGroup = defineEndpoint({
  id: "alert.create-group",
  service,
  method: "POST",
  path: "/api/rules/groups",
  summary: "Make a group of patients",
  policy: doctors,
  status: 201,
  body: patientGroupInput,
  response: patientGroupSchema,
  problems: ["not-found", "care-relationship-required", "mirror-stale"],
});
export const putGroup = defineEndpoint({
  id: "alert.put-group",
  service,
  method: "PUT",
  path: "/api/rules/groups/:id",
  summary: "Name a group, put patients in or take them out",
  policy: doctors,
  params: groupParams,
  body: patientGroupInput.omit({ clinicId: true }),
  response: patientGroupSchema,
  problems: ["not-found", "care-relationship-required", "mirror-stale"],
});
/** A group that still has rules is kept (`wrong-state`): retire them first. */
export const deleteGroup = defineEndpoint({
  id: "alert.delete-group",
  service,
  method: "DELETE",
  path: "/api/rules/groups/:id",
  summary: "Dissolve a group",
  policy: doctors,
  params: groupParams,
  status: 204,
  problems: ["not-found", "wrong-state"],
});
/** Which rules judge a patient's readings that are received now, whose they are, and what they stand in place of. */
export const effectiveRules = defineEndpoint({
  id: "alert.effective-rules",
  service,
  method: "GET",
  path: "/api/rules/effective",
  summary: "Rules in force for a patient",
  policy: doctors,
  query: z.strictObject({ patientId: idSchema("pat") }),
  response: z.object({ items: z.array(effectiveRuleSchema) }),
  problems: ["not-found", "care-relationship-required", "mirror-stale"],
});
export const ruleLayerEndpoints = [listGroups, createGroup, putGroup, deleteGroup, effectiveRules] as const;
