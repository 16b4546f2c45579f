import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResponseOf } from "@episante/contracts/endpoint";
import type { Refusal } from "@episante/contracts/problem";
import type { Actor } from "@episante/contracts/session";
import type { ActionMeta } from "./action.ts";

/** What a handler gets: parsed input, the actor of the token, and facts of the request. */
export interface HandlerContext<E> {
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
  readonly actor: Actor;
  readonly meta: ActionMeta;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** The caller's own token, for a call on the caller's behalf (`callInternal`). */
  readonly token?: string;
}

/** An answer with headers of its own, for example cookies. */
export class Answer<T> {
  constructor(
    readonly value: T,
    readonly headers: Record<string, string>,
  ) {}
}

/** Wraps an answer with extra response headers. */
export function withHeaders<T>(value: T, headers: Record<string, string>): Answer<T> {
  return new Answer(value, headers);
}

type HandlerResult<E> = ResponseOf<E> | Refusal | Response | undefined;
export type Handler<E> = (context: HandlerContext<E>) => Promise<HandlerResult<E> | Answer<ResponseOf<E> | undefined>>;

/** An endpoint with its handler, ready for `makeApp`. */
export interface BoundRoute {
  readonly endpoint: Endpoint;
  readonly handle: (context: HandlerContext<never>) => Promise<unknown>;
}

/** Ties a handler to its contract. */
export function bind<E extends Endpoint>(endpoint: E, handle: Handler<E>): BoundRoute {
  return { endpoint, handle: handle as BoundRoute["handle"] };
}
