import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf } from "./page.ts";
import { instantSchema } from "./time.ts";

const service = "alert" as const;
export const severities = ["critical", "warning", "notice"] as const;
export const severitySchema = z.enum(severities);
export type Severity = z.infer<typeof severitySchema>;
export const operators = ["<", "<=", ">", ">="] as const;
/** A threshold rule. `clear` omitted = the rule's own value, 0 s. A hole longer than `gapSeconds` while pending resets the hold. */
export const thresholdRuleSchema = z.strictObject({
  kind: z.literal("threshold"),
  code: z.string().max(20),
  op: z.enum(operators),
  value: z.number(),
  unit: z.string().max(20),
  holdSeconds: z.number().min(0).max(86400),
  clear: z.strictObject({ value: z.number(), seconds: z.number().min(0).max(86400) }).optional(),
  gapSeconds: z.number().min(1).max(86400),
  severity: severitySchema,
});
export const ruleBodySchema = z.discriminatedUnion("kind", [thresholdRuleSchema]);
export type RuleBody = z.infer<typeof ruleBodySchema>;
export const ruleScopeSchema = z.strictObject({ kind: z.enum(["clinic", "patient"]), id: z.string().max(64).optional() });
const ruleInput = z.strictObject({
  name: z.string().trim().min(1).max(80),
  scope: ruleScopeSchema,
  rule: ruleBodySchema,
  enabled: z.boolean().optional(),
});
export const ruleSchema = z.object({
  id: idSchema("rul"),
  version: z.number().int(),
  name: z.string(),
  clinicId: idSchema("cli"),
  scope: ruleScopeSchema,
  rule: ruleBodySchema,
  enabled: z.boolean(),
  changedAt: instantSchema,
  changedBy: idSchema("acc").optional(),
});
export type Rule = z.infer<typeof ruleSchema>;
export const listRules = defineEndpoint({
  id: "alert.list-rules",
  service,
  method: "GET",
  path: "/api/rules",
  summary: "Alert rules of the clinic",
  policy: { kind: "roles", roles: ["doctor", "admin"] },
  response: listOf(ruleSchema),
});
export const createRule = defineEndpoint({
  id: "alert.create-rule",
  service,
  method: "POST",
  path: "/api/rules",
  summary: "Add a rule",
  policy: { kind: "roles", roles: ["doctor"] },
  status: 201,
  body: ruleInput,
  response: ruleSchema,
  problems: ["unknown-code", "unknown-unit", "care-relationship-required"],
});
export const putRule = defineEndpoint({
  id: "alert.put-rule",
  service,
  method: "PUT",
  path: "/api/rules/:id",
  summary: "Publish a new version of a rule",
  policy: { kind: "roles", roles: ["doctor"] },
  params: z.object({ id: idSchema("rul") }),
  body: ruleInput,
  response: ruleSchema,
  problems: ["not-found", "unknown-code", "unknown-unit", "care-relationship-required"],
});
export const deleteRule = defineEndpoint({
  id: "alert.delete-rule",
  service,
  method: "DELETE",
  path: "/api/rules/:id",
  summary: "Retire a rule",
  policy: { kind: "roles", roles: ["doctor"] },
  params: z.object({ id: idSchema("rul") }),
  status: 204,
  problems: ["not-found"],
});
/** Inline series or stored history of treated patients. Inline values are not gated unless `gates`; `null` = no sample. At most 16 MiB. */
export const backtest = defineEndpoint({
  id: "alert.backtest",
  service,
  method: "POST",
  path: "/api/rules/backtest",
  summary: "Run a draft rule over history",
  policy: { kind: "roles", roles: ["doctor"] },
  maxBodyBytes: 16 * 1024 * 1024,
  onBehalf: "ingest",
  body: z.strictObject({
    rule: ruleBodySchema,
    from: instantSchema.optional(),
    to: instantSchema.optional(),
    patientIds: z.array(idSchema("pat")).max(200).optional(),
    series: z
      .array(
        z.strictObject({
          patientId: z.string().max(100),
          code: z.string().max(20),
          unit: z.string().max(20),
          samples: z.array(z.tuple([instantSchema, z.number().nullable()])),
        }),
      )
      .optional(),
    gates: z.boolean().optional(),
  }),
  response: z.object({
    alerts: z.array(
      z.object({ patientId: z.string(), onsetAt: instantSchema, firedAt: instantSchema, clearedAt: instantSchema.optional() }),
    ),
    perPatientDay: z.number(),
  }),
  problems: ["unknown-code", "unknown-unit", "invalid-input"],
});
export const ruleEndpoints = [backtest, listRules, createRule, putRule, deleteRule] as const;
