import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";
import { idSchema } from "./ids.ts";
import { severitySchema } from "./rule.ts";
import { instantSchema, timeOfDaySchema, zoneSchema } from "./time.ts";

const service = "alert" as const;
/** A time of day at which something may begin or end; the end of a day is 00:00 of the next. */
const clockTime = timeOfDaySchema.refine((time) => time !== "24:00", { message: "write 00:00" });

/** Whom a step tells: whoever is on call at that moment, or one account of the clinic. */
const stepSchema = z.strictObject({
  to: z.union([z.literal("on-call"), idSchema("acc")]),
  /** Seconds since the alert began to call. */
  afterSeconds: z.number().int().min(0).max(86_400),
});
export type ChainStep = z.infer<typeof stepSchema>;
/** Steps in order of time; several may be due at once. No steps: whoever is on call at once, and without a rota all doctors who treat the patient. */
const chainSchema = z
  .array(stepSchema)
  .max(20)
  .refine((steps) => steps.every(({ afterSeconds }, index) => afterSeconds >= (steps[index - 1]?.afterSeconds ?? 0)), {
    message: "steps come in order of time",
  });

/** A weekly turn, on wall clocks of `zone`. With `to` at or before `from` it ends on the next day. */
const turnSchema = z.strictObject({
  /** 1 is Monday. */
  day: z.number().int().min(1).max(7),
  from: clockTime,
  to: clockTime,
  accountId: idSchema("acc"),
});
export type Turn = z.infer<typeof turnSchema>;
/** Instead of the weekly turns, from an instant to another. Of several at once the last in the list counts. */
const exceptionSchema = z
  .strictObject({ from: instantSchema, to: instantSchema, accountId: idSchema("acc") })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { message: "ends before it begins" });

/**
 * Hours in which alerts of these severities wait until the morning; critical ones never do. Counted in the recipient's zone: the one of their
 * preferences, or the clinic's.
 */
const quietSchema = z
  .strictObject({ from: clockTime, to: clockTime, severities: z.array(severitySchema.exclude(["critical"])).min(1) })
  .refine(({ from, to }) => from !== to, { message: "an empty time" });

const settings = {
  /** In whose wall-clock times the rota and quiet hours are written. */
  zone: zoneSchema,
  /** What alerts of a severity set going, from the moment they call. Notices call nobody unless they have steps. */
  chains: z.strictObject({ critical: chainSchema, warning: chainSchema, notice: chainSchema.optional() }),
  rota: z.strictObject({ weekly: z.array(turnSchema).max(200), exceptions: z.array(exceptionSchema).max(200) }),
  quiet: quietSchema.nullable(),
};
const personSchema = z.object({ accountId: idSchema("acc"), name: z.string() });
const onCallSchema = z.object({
  clinicId: idSchema("cli"),
  ...settings,
  /** Who is on call now, and until when that stays so as far as the rota says (at most eight days ahead). Absent: nobody. */
  onCallNow: personSchema.extend({ until: instantSchema }).optional(),
  /**
   * Whom a step or a turn may name: active members of the clinic. A name is empty until svc/auth has told it. `canOpenAlerts`: a doctor there, to whom
   * a page opens the patient's alerts; anybody else is told that alerts wait, and can look at none.
   */
  people: z.array(personSchema.extend({ canOpenAlerts: z.boolean() })),
});
export type OnCall = z.infer<typeof onCallSchema>;
export type OnCallSettings = Pick<OnCall, keyof typeof settings>;

const policy = { kind: "roles", roles: ["doctor", "admin"] } as const;
/** How alerts reach people: chains, the on-call rota, quiet hours. A clinic that has set nothing has empty chains and an empty rota. */
export const getOnCall = defineEndpoint({
  id: "alert.get-on-call",
  service,
  method: "GET",
  path: "/api/alerts/on-call",
  summary: "Who is told of alerts, and when",
  policy,
  query: z.strictObject({ clinicId: idSchema("cli").optional() }),
  response: onCallSchema,
  problems: ["not-found"],
});
/**
 * Replaces the whole setting. Counts for every page that has not left yet, also of alerts that are open already. Accounts that are no members
 * of the clinic are refused. `zone` may be left out: then it is the clinic's.
 */
export const putOnCall = defineEndpoint({
  id: "alert.put-on-call",
  service,
  method: "PUT",
  path: "/api/alerts/on-call",
  summary: "Set who is told of alerts, and when",
  policy,
  body: z.strictObject({ clinicId: idSchema("cli").optional(), ...settings, zone: zoneSchema.optional() }),
  response: onCallSchema,
  problems: ["not-found", "invalid-input"],
});
export const onCallEndpoints = [getOnCall, putOnCall] as const;
