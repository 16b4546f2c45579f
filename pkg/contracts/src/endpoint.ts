import type { z } from "zod";
import type { ProblemCode } from "./problem.ts";
import type { CallerName, Role, ServiceName } from "./session.ts";

/**
 * Who may call an endpoint at all. Which objects they may touch is decided in the action.
 * `public`: anybody; `user`: any signed-in account; `roles`: an account with one of the roles;
 * `device`: a paired device's token; `service`: another service, never forwarded by the gateway.
 */
export type Policy =
  | { readonly kind: "public" }
  | { readonly kind: "user" }
  | { readonly kind: "roles"; readonly roles: readonly Role[] }
  | { readonly kind: "device" }
  | { readonly kind: "service"; readonly callers: readonly CallerName[] };

type Schema = z.ZodType;

/** An HTTP endpoint as plain data: bound by services, called by the UI and devices, listed in `/api/docs`. */
export interface Endpoint<
  Params extends Schema = Schema,
  Query extends Schema = Schema,
  Body extends Schema = Schema,
  Response extends Schema = Schema,
> {
  /** `<service>.<verb>`, unique; names the audit action, the metric label and the OpenAPI operation. */
  readonly id: string;
  readonly service: ServiceName;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Full path with Hono parameters, for example `/api/appointments/:id/cancel`. The last one may have an ending: `/:id.ics`. */
  readonly path: string;
  readonly summary: string;
  readonly policy: Policy;
  readonly params?: Params;
  /** Query values arrive as strings: use `z.coerce` where a number is meant. */
  readonly query?: Query;
  readonly body?: Body;
  readonly response?: Response;
  /** Status of success; 200 unless said. 204 and `stream` have no `response`. */
  readonly status?: 200 | 201 | 202 | 204;
  /** The handler answers a `Response` of its own: server-sent events, or a format of its own as iCalendar. */
  readonly stream?: "events" | "other";
  /** Problems beyond the ones every endpoint may answer. */
  readonly problems?: readonly ProblemCode[];
  /** Largest accepted body in bytes; 64 KiB unless said. */
  readonly maxBodyBytes?: number;
  /** Another service this one asks with the caller's own token: the gateway signs the token for both. */
  readonly onBehalf?: ServiceName;
  /** A header `Idempotency-Key` (1–128 characters) is required. */
  readonly idempotent?: boolean;
}

/** Keeps the literal and schema types of an endpoint. */
export function defineEndpoint<P extends Schema, Q extends Schema, B extends Schema, R extends Schema>(
  endpoint: Endpoint<P, Q, B, R>,
): Endpoint<P, Q, B, R> {
  return endpoint;
}

export type ParamsOf<E> = E extends Endpoint<infer P, Schema, Schema, Schema> ? z.output<P> : never;
export type QueryOf<E> = E extends Endpoint<Schema, infer Q, Schema, Schema> ? z.output<Q> : never;
export type BodyOf<E> = E extends Endpoint<Schema, Schema, infer B, Schema> ? z.output<B> : never;
export type BodyInputOf<E> = E extends Endpoint<Schema, Schema, infer B, Schema> ? z.input<B> : never;
/** What the handler returns; parsed by the response schema, so that only listed fields leave. */
export type ResponseOf<E> = E extends Endpoint<Schema, Schema, Schema, infer R> ? z.input<R> : never;
export type AnswerOf<E> = E extends Endpoint<Schema, Schema, Schema, infer R> ? z.output<R> : never;
