import type { AnswerOf, BodyInputOf, Endpoint } from "@episante/contracts/endpoint";
import type { Problem } from "@episante/contracts/problem";
import { newTraceparent } from "@episante/contracts/traceparent";
import { learnServerTime } from "./server-clock.ts";

/** A problem answered by the server, or `offline`: the network gave no answer at all. */
export interface CallProblem {
  readonly code: Problem["code"] | "offline";
  readonly status: number;
  readonly title: string;
  readonly traceId: string;
  readonly detail?: string;
  readonly errors?: Problem["errors"];
  /** From `Retry-After`, with 429 and 503. */
  readonly retryAfterSeconds?: number;
  /** Nearest free times, with `slot-taken`. */
  readonly alternatives?: unknown;
}
export type CallResult<T> = { ok: true; value: T } | { ok: false; problem: CallProblem };

/** Input type of a schema, read from the schema's own types so that the UI needs no schema library. */
type InputOf<S> = S extends { readonly _zod: { readonly input: infer I } } ? I : never;
type QueryInput<E> = E extends { readonly query?: infer Q } ? InputOf<NonNullable<Q>> : never;
type ParamsInput<E> = E extends { readonly params?: infer P } ? InputOf<NonNullable<P>> : never;

export interface CallOptions<E> {
  params?: ParamsInput<E>;
  query?: QueryInput<E>;
  body?: BodyInputOf<E>;
  /** Sent as `Idempotency-Key`: one per attempt of the person, the same on every retry of that attempt. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

const endedCodes = new Set(["not-signed-in", "invalid-token"]);
const endedListeners = new Set<() => void>();

/** Tells when the server says that nobody is signed in. The session store listens; screens need not. */
export function onSessionEnded(react: () => void): () => void {
  endedListeners.add(react);
  return () => endedListeners.delete(react);
}

const refusedListeners = new Set<() => void>();

/** Tells when something was refused or is not there (403, 404): what the screen shows may no longer be open to this person. */
export function onRefused(react: () => void): () => void {
  refusedListeners.add(react);
  return () => refusedListeners.delete(react);
}

/** Path of an endpoint with its parameters and query filled in. */
export function urlOf<E extends Endpoint>(endpoint: E, options: Pick<CallOptions<E>, "params" | "query"> = {}): string {
  const params = (options.params ?? {}) as Record<string, unknown>;
  const path = endpoint.path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(params[name] ?? "")));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries((options.query ?? {}) as Record<string, unknown>)) {
    if (value !== undefined && value !== "") search.set(name, String(value));
  }
  return search.size > 0 ? `${path}?${search}` : path;
}

/**
 * Calls an endpoint of the contracts. Never throws but for a caller's own abort: a refusal, a broken answer and a dead
 * network are all `{ok: false, problem}`. A 401 that means "no session" also ends the local session.
 */
export async function call<E extends Endpoint>(endpoint: E, options: CallOptions<E> = {}): Promise<CallResult<AnswerOf<E>>> {
  // The trace begins here: its id stands in the logs of every process the call reaches.
  const headers: Record<string, string> = { accept: "application/json, application/problem+json", traceparent: newTraceparent() };
  const init: RequestInit = { method: endpoint.method, headers, credentials: "same-origin", cache: "no-store" };
  if (options.body !== undefined) {
    headers["content-type"] = "application/json";
    init.body = JSON.stringify(options.body);
  }
  if (options.idempotencyKey) headers["idempotency-key"] = options.idempotencyKey;
  if (options.signal) init.signal = options.signal;
  let response: Response;
  let parsed: unknown;
  try {
    response = await fetch(urlOf(endpoint, options), init);
    const text = await response.text();
    parsed = text === "" ? undefined : parseJson(text);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return { ok: false, problem: localProblem("offline", 0) };
  }
  learnServerTime(Date.parse(response.headers.get("date") ?? ""), false);
  if (response.ok) {
    const serverTime = (parsed as { serverTime?: string } | undefined)?.serverTime;
    if (serverTime) learnServerTime(Date.parse(serverTime), true);
    return { ok: true, value: parsed as AnswerOf<E> };
  }
  const problem = isProblem(parsed) ? parsed : localProblem(codeOfStatus(response.status), response.status);
  if (response.status === 401 && endedCodes.has(problem.code)) for (const react of endedListeners) react();
  if (response.status === 403 || response.status === 404) for (const react of refusedListeners) react();
  const retryAfterSeconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return { ok: false, problem: Number.isFinite(retryAfterSeconds) ? { ...problem, retryAfterSeconds } : problem };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(value: unknown): value is CallProblem {
  return typeof value === "object" && value !== null && "code" in value && "status" in value && "traceId" in value;
}

/** An answer that is no problem document comes from something between us and the gateway. */
function codeOfStatus(status: number): CallProblem["code"] {
  if (status === 404) return "not-found";
  if (status === 429) return "too-many-requests";
  return status >= 500 ? "upstream-unreachable" : "internal-error";
}

function localProblem(code: CallProblem["code"], status: number): CallProblem {
  return { title: code, status, code, traceId: "" };
}
