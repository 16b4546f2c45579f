import type { AnswerOf, BodyInputOf, Endpoint, ParamsOf } from "@episante/contracts/endpoint";
import { problemSchema, type Refusal, refuse } from "@episante/contracts/problem";
import { newTraceparent } from "@episante/contracts/traceparent";
import type { Signer } from "./token.ts";
import { currentTraceparent, inSpan, type Span } from "./trace.ts";

type Query = Record<string, string | number | undefined>;
export interface CallOptions<E> {
  readonly params?: ParamsOf<E>;
  readonly query?: Query;
  readonly body?: BodyInputOf<E>;
  readonly traceparent?: string;
  /** The caller's own token: the call is made on the caller's behalf, for the audience it was signed for. */
  readonly token?: string;
}
/** Calls an endpoint of another service. A refusal comes back as a value; an unreachable service as `upstream-unreachable`. */
export type CallInternal = <E extends Endpoint>(endpoint: E, options?: CallOptions<E>) => Promise<AnswerOf<E> | Refusal>;

const timeoutMs = 5_000;
/** How long a token of this service's own is used, of the 60 s that it is good for. */
const tokenMs = 50_000;

/** @param upstreams base URL of each service */
export function makeCaller(signer: Signer, upstreams: Readonly<Record<string, string>>): CallInternal {
  const tokens = new Map<string, { token: string; untilMs: number }>();
  const ownToken = async (audience: string): Promise<string> => {
    const known = tokens.get(audience);
    if (known && known.untilMs > Date.now()) return known.token;
    const untilMs = Date.now() + tokenMs;
    const token = await signer.sign({ kind: "service", service: signer.name }, audience);
    tokens.set(audience, { token, untilMs });
    return token;
  };
  return (endpoint, options = {}) => {
    const parent = options.traceparent ?? currentTraceparent() ?? newTraceparent();
    return inSpan({ name: `call ${endpoint.id}`, kind: "client", parent }, (span) => send(endpoint, options, span));
  };

  async function send<E extends Endpoint>(endpoint: E, options: CallOptions<E>, span: Span): Promise<AnswerOf<E> | Refusal> {
    const base = upstreams[endpoint.service];
    if (!base) throw new Error(`no upstream is set for ${endpoint.service}`);
    const url = new URL(fillPath(endpoint.path, (options.params ?? {}) as Record<string, string>), base);
    for (const [name, value] of Object.entries(options.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value));
    const token = options.token ?? (await ownToken(endpoint.service));
    const headers: Record<string, string> = { authorization: `Bearer ${token}`, traceparent: span.traceparent ?? newTraceparent() };
    if (options.body !== undefined) headers["content-type"] = "application/json";
    let response: Response;
    try {
      response = await fetch(url, {
        method: endpoint.method,
        headers,
        signal: AbortSignal.timeout(timeoutMs),
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
    } catch (error) {
      span.end(error);
      return refuse("upstream-unreachable");
    }
    span.set({ "http.response.status_code": response.status });
    if (response.status === 204) return undefined as never;
    const json: unknown = await response.json().catch(() => null);
    if (response.ok && endpoint.response) return endpoint.response.parse(json) as never;
    const parsed = problemSchema.safeParse(json);
    return parsed.success
      ? refuse(parsed.data.code, parsed.data.detail ? { detail: parsed.data.detail } : {})
      : refuse("upstream-unreachable");
  }
}

function fillPath(path: string, params: Record<string, string>): string {
  return path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
}
