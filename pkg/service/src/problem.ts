import { type Problem, type ProblemCode, problems, type Refusal } from "@episante/contracts/problem";

/** Problem document of a refusal (RFC 9457). @param traceId shown to people as the reference */
export function toProblem(refusal: Refusal, traceId: string): Problem {
  const [status, title] = problems[refusal.refused];
  return {
    type: `https://episante.invalid/problems/${refusal.refused}`,
    title,
    status,
    code: refusal.refused,
    ...(refusal.detail ? { detail: refusal.detail } : {}),
    ...(refusal.errors ? { errors: refusal.errors } : {}),
    ...refusal.extra,
    traceId,
  };
}

/** HTTP answer of a refusal. */
export function problemResponse(refusal: Refusal, traceId: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(toProblem(refusal, traceId)), {
    status: problems[refusal.refused][0],
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...retryAfter(refusal), ...headers },
  });
}

function retryAfter(refusal: Refusal): Record<string, string> {
  const seconds = refusal.extra?.retryAfterSeconds;
  if (typeof seconds === "number") return { "retry-after": String(Math.max(1, Math.ceil(seconds))) };
  return problems[refusal.refused][0] === 429 ? { "retry-after": "5" } : {};
}

/** A refusal thrown where no value can be returned (middleware, streams). */
export class ProblemError extends Error {
  override name = "ProblemError";
  constructor(readonly refusal: Refusal) {
    super(refusal.refused);
  }
}

/** Shorthand of `new ProblemError(...)`. */
export function problem(code: ProblemCode, more: Omit<Refusal, "refused"> = {}): ProblemError {
  return new ProblemError({ refused: code, ...more });
}
