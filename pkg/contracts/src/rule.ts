import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { listOf } from "./page.ts";
import { instantSchema, zoneSchema } from "./time.ts";

const service = "alert" as const;
export const severities = ["critical", "warning", "notice"] as const;
export const severitySchema = z.enum(severities);
export type Severity = z.infer<typeof severitySchema>;
export const operators = ["<", "<=", ">", ">="] as const;
/**
 * How an open alert of a threshold rule gets worse: `afterSeconds` after it fired, while its clear condition is not met (a hole longer than the
 * gap limit does not count), or at a reading beyond a second level, in the rule's unit. Each is worse than the one before it and than the rule.
 */
export const severityStepSchema = z.union([
  z.strictObject({ severity: severitySchema, afterSeconds: z.number().min(1).max(86400) }),
  z.strictObject({ severity: severitySchema, value: z.number() }),
]);
export type SeverityStep = z.infer<typeof severityStepSchema>;
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
  steps: z.array(severityStepSchema).min(1).max(4).optional(),
});
const limit = {
  code: z.string().max(20),
  op: z.enum(operators),
  value: z.number(),
  unit: z.string().max(20),
  clear: z.strictObject({ value: z.number(), seconds: z.number().min(0).max(86400) }).optional(),
  severity: severitySchema.default("warning"),
};
const seconds = (most = 86400) => z.number().min(0).max(most);
/** A straight line through the readings of the last `windowSeconds`: at least `minPoints` of them, which it fits with an R² of `minFit` or more. */
const line = {
  windowSeconds: z.number().min(60).max(86400).default(900),
  minPoints: z.number().int().min(2).max(240).default(3),
  holdSeconds: seconds().default(0),
  gapSeconds: z.number().min(1).max(86400).default(600),
};
const fit = z.number().min(0).max(1);
/** How fast a signal changes: `value` in `unit` per minute. */
export const rateRuleSchema = z.strictObject({ kind: z.literal("rate"), ...limit, ...line, minFit: fit.default(0.5) });
/** Where a signal will be `withinSeconds` from its newest reading, if it goes on as in the window. */
export const predictRuleSchema = z.strictObject({
  kind: z.literal("predict"),
  ...limit,
  ...line,
  minFit: fit.default(0.8),
  withinSeconds: z.number().min(60).max(7200).default(1200),
});
export const news2Parameters = ["respiration", "spo2", "oxygen", "systolic", "pulse", "consciousness", "temperature"] as const;
export type News2Parameter = (typeof news2Parameters)[number];
const freshness = z.strictObject({
  respiration: seconds().default(3_600),
  spo2: seconds().default(3_600),
  oxygen: seconds().default(43_200),
  systolic: seconds().default(14_400),
  pulse: seconds().default(3_600),
  consciousness: seconds().default(43_200),
  temperature: seconds().default(14_400),
});
/**
 * NEWS2 (Royal College of Physicians 2017). Its bands are its severities: one parameter at 3 a notice, 5 or more a warning, 7 or more critical.
 * `freshSeconds`: how long a reading counts. A patient's own rule stands in place of the clinic's: SpO2 scale 2 is prescribed to a patient.
 */
export const news2RuleSchema = z.strictObject({
  kind: z.literal("news2"),
  spo2Scale: z.union([z.literal(1), z.literal(2)]).default(1),
  freshSeconds: freshness.prefault({}),
  holdSeconds: seconds().default(0),
  clearSeconds: seconds().default(0),
  gapSeconds: z.number().min(1).max(86400).default(3_600),
});
/** Irregular rhythm in RR intervals: `votes` of the last `of` windows of 64 beats. Ends after `of` regular ones in a row. */
export const irregularRhythmRuleSchema = z
  .strictObject({
    kind: z.literal("irregular-rhythm"),
    votes: z.number().int().min(1).max(12).default(3),
    of: z.number().int().min(1).max(12).default(4),
    gapSeconds: z.number().min(1).max(86400).default(60),
    severity: severitySchema.default("warning"),
  })
  .refine(({ votes, of }) => votes <= of, { path: ["votes"], message: "more than there are windows" });
/** Kinds whose alerts are technical: they are about devices and what they send, never about the patient's state. */
export const technicalKinds = ["silence", "not-worn", "flat-line", "low-battery", "clock-skew", "signal-quality"] as const;
/** Nothing received from a patient, or no reading of one signal, for this long in receive time. Begins with the first reading: what never sent is not silent. */
export const silenceRuleSchema = z.strictObject({
  kind: z.literal("silence"),
  timeoutSeconds: z.number().min(30).max(604_800),
  code: z.string().max(20).optional(),
  severity: severitySchema.default("warning"),
});
/** A device says that nobody wears it, for this long. */
export const notWornRuleSchema = z.strictObject({
  kind: z.literal("not-worn"),
  holdSeconds: seconds().default(600),
  severity: severitySchema.default("notice"),
});
/** The very same value for this long, of a signal that must vary; `holdSeconds` omitted = the signal's usual time. Counts and weights are no such signals. */
export const flatLineRuleSchema = z.strictObject({
  kind: z.literal("flat-line"),
  code: z.string().max(20),
  holdSeconds: z.number().min(60).max(604_800).optional(),
  severity: severitySchema.default("warning"),
});
/** A device's battery is under `below` percent; ends at `clear` percent or more. */
export const lowBatteryRuleSchema = z
  .strictObject({
    kind: z.literal("low-battery"),
    below: z.number().min(1).max(100).default(15),
    clear: z.number().min(1).max(100).default(20),
    severity: severitySchema.default("notice"),
  })
  .refine(({ below, clear }) => clear >= below, { path: ["clear"], message: "lies under the limit" });
/** A device's clock is this much or more ahead or behind; ends when it is within half of it. */
export const clockSkewRuleSchema = z.strictObject({
  kind: z.literal("clock-skew"),
  seconds: z.number().min(10).max(86_400).default(300),
  severity: severitySchema.default("warning"),
});
/**
 * Readings that judge nothing: a sensor's fault code at once, `inRow` implausible values one after the other; of RR intervals a window of 64 beats
 * that the rhythm kind refuses. Ends with the first usable reading, or window.
 */
export const signalQualityRuleSchema = z.strictObject({
  kind: z.literal("signal-quality"),
  code: z.string().max(20),
  inRow: z.number().int().min(1).max(1000).default(3),
  severity: severitySchema.default("notice"),
});
export const ruleBodySchema = z.discriminatedUnion("kind", [
  thresholdRuleSchema,
  rateRuleSchema,
  predictRuleSchema,
  news2RuleSchema,
  irregularRhythmRuleSchema,
  silenceRuleSchema,
  notWornRuleSchema,
  flatLineRuleSchema,
  lowBatteryRuleSchema,
  clockSkewRuleSchema,
  signalQualityRuleSchema,
]);
export type RuleBody = z.infer<typeof ruleBodySchema>;

const trend = { slope: z.number(), points: z.number().int(), spanSeconds: z.number(), fit: z.number(), reading: z.number() };
export const news2Bands = ["low-medium", "medium", "high"] as const;
/** What a technical rule found of a device, and since when, ms. */
const deviceFact = z.object({ deviceId: z.string(), value: z.number(), since: z.number() });
/** Why a rule of this kind raised its alert, or made it worse. Slopes are per minute. A threshold rule only says which of its steps was reached. */
export const findingSchema = z.discriminatedUnion("kind", [
  /** `reading` in the signal's canonical unit, as a step's `value` here; `at` its time. */
  z.object({ kind: z.literal("threshold"), step: severityStepSchema, reading: z.number(), at: z.number() }),
  z.object({ kind: z.literal("rate"), ...trend, readingUnit: z.string() }),
  z.object({ kind: z.literal("predict"), ...trend, predicted: z.number(), withinSeconds: z.number() }),
  z.object({
    kind: z.literal("news2"),
    /** Of the parameters that are known: with `missing` ones the score is at least this. */
    score: z.number().int(),
    band: z.enum(news2Bands),
    spo2Scale: z.number().int(),
    parameters: z.array(z.object({ parameter: z.enum(news2Parameters), value: z.number(), score: z.number().int(), at: z.number() })),
    missing: z.array(z.enum(news2Parameters)),
  }),
  z.object({
    kind: z.literal("irregular-rhythm"),
    windows: z.number().int(),
    irregularWindows: z.number().int(),
    /** Of the newest window: RMSSD after a median of 3 beats, divided by the mean interval; and the intervals' entropy, 0 to 1. */
    irregularity: z.number(),
    entropy: z.number(),
    meanInterval: z.number(),
    /** RMSSD without early and late beats, divided by the mean interval; greatest autocorrelation over 1 to 4 beats. Missing in older alerts. */
    variation: z.number().optional(),
    repetition: z.number().optional(),
  }),
  /** `since`: when the last thing was received, ms, and from which device. */
  z.object({ kind: z.literal("silence"), since: z.number(), timeoutSeconds: z.number(), devices: z.array(deviceFact) }),
  z.object({ kind: z.literal("not-worn"), devices: z.array(deviceFact) }),
  /** Percent. */
  z.object({ kind: z.literal("low-battery"), devices: z.array(deviceFact) }),
  /** Seconds; positive: ahead. */
  z.object({ kind: z.literal("clock-skew"), devices: z.array(deviceFact) }),
  z.object({ kind: z.literal("flat-line"), readings: z.number().int(), spanSeconds: z.number() }),
  z.object({
    kind: z.literal("signal-quality"),
    reason: z.enum(["sensor-fault", "implausible", "too-few-beats"]),
    /** The value that was set aside; of beats, how many of the window's 64 were valid. */
    value: z.number(),
    /** Such readings one after the other. */
    count: z.number().int(),
  }),
]);
export type Finding = z.infer<typeof findingSchema>;
/** Whom a rule is for, wide to narrow. */
export const layers = ["clinic", "group", "patient"] as const;
export const layerSchema = z.enum(layers);
export type Layer = z.infer<typeof layerSchema>;
/** `id`: the group or patient; of a clinic's rule the clinic, where the caller has several. */
export const ruleScopeSchema = z.strictObject({ kind: layerSchema, id: z.string().max(64).optional() });
const ruleInput = z.strictObject({
  name: z.string().trim().min(1).max(80),
  scope: ruleScopeSchema,
  rule: ruleBodySchema,
  enabled: z.boolean().optional(),
  /**
   * A rule of a wider layer, of the same kind, signal and side, in whose place this one stands for its patients from this version's publication
   * on. Left out of a new version: as before; null: beside it.
   */
  replaces: idSchema("rul").nullable().optional(),
  /** Why this version is published: read by colleagues beside the limit. */
  reason: z.string().trim().max(200).optional(),
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
  replaces: idSchema("rul").optional(),
  reason: z.string().optional(),
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
/** One version of a rule, as it was published. */
const ruleVersionSchema = z.object({
  version: z.number().int(),
  name: z.string(),
  rule: ruleBodySchema,
  enabled: z.boolean(),
  changedAt: instantSchema,
  /** The name is empty until svc/auth has told it; nobody: the installation's own rule. */
  changedBy: z.object({ accountId: idSchema("acc"), name: z.string() }).optional(),
  reason: z.string().optional(),
});
export type RuleVersion = z.infer<typeof ruleVersionSchema>;
export const listRuleVersions = defineEndpoint({
  id: "alert.list-rule-versions",
  service,
  method: "GET",
  path: "/api/rules/:id/versions",
  summary: "Every version of a rule, newest first",
  policy: { kind: "roles", roles: ["doctor"] },
  params: z.object({ id: idSchema("rul") }),
  response: listOf(ruleVersionSchema),
  problems: ["not-found"],
});
const backtestAlertSchema = z.object({
  patientId: z.string(),
  onsetAt: instantSchema,
  firedAt: instantSchema,
  clearedAt: instantSchema.optional(),
  /** The highest it reached. */
  severity: severitySchema,
});
/** A draft beside the live rule on the same readings. Two alerts of one patient that overlap in time are the same alert. */
export const backtestDiffSchema = z.object({
  onlyDraft: z.array(backtestAlertSchema),
  onlyLive: z.array(backtestAlertSchema),
  both: z.number().int(),
});
export type BacktestDiff = z.infer<typeof backtestDiffSchema>;
/** Alerts of the draft, and of the live rule where one was named. Days are those of the zone that was asked for, by firing. */
export const backtestCountsSchema = z.object({
  perDay: z.array(z.object({ day: z.string(), draft: z.number().int(), live: z.number().int().optional() })),
  perPatient: z.array(z.object({ patientId: z.string(), draft: z.number().int(), live: z.number().int().optional() })),
});
/**
 * Inline series or stored history of treated patients. Several series of one patient are one history. Inline values are not gated unless `gates`;
 * words where the signal has them, `null` = no sample. At most 16 MiB.
 */
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
          samples: z.array(z.tuple([instantSchema, z.union([z.number(), z.string().max(20)]).nullable()])),
        }),
      )
      .optional(),
    gates: z.boolean().optional(),
    /** A live rule of the same kind and signal, as it stands now: run beside the draft. Of a patient's or group's rule, over those patients. */
    against: idSchema("rul").optional(),
    /** Whose days are counted; UTC unless said. */
    zone: zoneSchema.optional(),
  }),
  response: z.object({
    alerts: z.array(backtestAlertSchema),
    perPatientDay: z.number(),
    ...backtestCountsSchema.shape,
    diff: backtestDiffSchema.optional(),
  }),
  problems: ["unknown-code", "unknown-unit", "invalid-input", "not-found", "mirror-stale"],
});
export const ruleEndpoints = [backtest, listRules, listRuleVersions, createRule, putRule, deleteRule] as const;
