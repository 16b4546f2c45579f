import { z } from "zod";

/** Every problem the product can answer: status and English title. The list is closed: a code that is not here cannot be sent. */
export const problems = {
  "malformed-json": [400, "The body is not valid JSON"],
  "too-deep": [400, "The body is nested too deeply"],
  "bad-path": [400, "The path is not valid"],
  "not-signed-in": [401, "Sign in first"],
  "invalid-token": [401, "The token is not valid"],
  "login-failed": [401, "E-mail or password is incorrect"],
  "step-up-required": [401, "Confirm it is you first"],
  "https-required": [403, "Sign-in needs HTTPS or localhost"],
  "foreign-origin": [403, "Requests from another site are refused"],
  forbidden: [403, "Not allowed"],
  "online-booking-closed": [403, "Please call the clinic to book"],
  "care-relationship-required": [403, "No care relationship with this patient"],
  "not-found": [404, "Not found"],
  "method-not-allowed": [405, "Method not allowed"],
  "slot-taken": [409, "This time has just been taken"],
  "hold-expired": [409, "The hold has expired"],
  "already-cancelled": [409, "Already cancelled"],
  "wrong-state": [409, "Not possible in the current state"],
  "email-taken": [409, "An account with this e-mail exists"],
  "idempotency-mismatch": [409, "This idempotency key was used for another request"],
  "version-conflict": [409, "Changed meanwhile"],
  "code-used": [409, "This code was already used"],
  "body-too-large": [413, "The body is too large"],
  "unsupported-media-type": [415, "The body must be application/json"],
  "invalid-input": [422, "Some values are not valid"],
  "unknown-field": [422, "Unknown field"],
  "unknown-code": [422, "Unknown code"],
  "unknown-unit": [422, "Unknown or wrong unit"],
  "not-a-number": [422, "Not a finite number"],
  "unknown-value": [422, "Not one of the words this code takes"],
  "time-in-future": [422, "The time lies too far in the future"],
  "time-too-old": [422, "The time lies too far in the past"],
  "empty-batch": [422, "The batch holds no readings"],
  "batch-too-large": [422, "The batch holds too many readings"],
  "weak-password": [422, "The password is too weak"],
  "slot-in-past": [422, "This time has passed"],
  "slot-outside-hours": [422, "This time is not offered"],
  "code-expired": [422, "This code has expired"],
  "idempotency-key-required": [422, "Header Idempotency-Key is required"],
  "immutable-field": [422, "This field cannot be changed"],
  "too-many-requests": [429, "Too many requests"],
  "hold-limit": [429, "Too many holds at once"],
  "back-pressure": [429, "Storage is busy, try again later"],
  "internal-error": [500, "Something went wrong"],
  "upstream-unreachable": [503, "A part of the system is not reachable"],
  "not-ready": [503, "Not ready"],
  "mirror-stale": [503, "Access information is out of date"],
  "capacity-exhausted": [503, "No capacity"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof problems;
export const problemCodes = Object.keys(problems) as ProblemCode[];

/** RFC 9457 problem document with our `code`, `traceId`, and optionally field errors and alternatives. */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum(problemCodes as [ProblemCode, ...ProblemCode[]]),
  detail: z.string().optional(),
  /** One entry per wrong field: JSON path and what is wrong. Never the rejected value. */
  errors: z.array(z.object({ path: z.string(), message: z.string(), code: z.string().optional() })).optional(),
  traceId: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

/** A refusal as a value: what actions and domain functions return instead of throwing. */
export interface Refusal {
  readonly refused: ProblemCode;
  readonly detail?: string;
  readonly errors?: Problem["errors"];
  /** Extra members of the problem document, for example `alternatives` of `slot-taken`. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Builds a refusal. */
export function refuse(code: ProblemCode, more: Omit<Refusal, "refused"> = {}): Refusal {
  return { refused: code, ...more };
}

/** True when an action answered with a refusal. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "refused" in value;
}
