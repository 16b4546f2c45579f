import type { Endpoint } from "@episante/contracts/endpoint";

/** Answers a request by itself, problems included. */
export type OwnAnswer = (request: Request, traceId: string) => Promise<Response>;

/** An endpoint that the gateway owns and does not forward. */
export interface OwnRoute {
  readonly endpoint: Endpoint;
  readonly answer: OwnAnswer;
}

/** Ties an answer to its contract. */
export function bind(endpoint: Endpoint, answer: OwnAnswer): OwnRoute {
  return { endpoint, answer };
}
