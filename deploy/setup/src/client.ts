import type { AnswerOf, BodyInputOf, Endpoint } from "@episante/contracts/endpoint";
import { problemSchema } from "@episante/contracts/problem";
import { sessionCookie } from "@episante/contracts/session";
import { Failure } from "./failure.ts";

interface CallInput<E> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: BodyInputOf<E>;
  readonly idempotencyKey?: string;
  /** Problem codes worth another try for a while, because an event is still on its way. */
  readonly retryOn?: readonly string[];
}

/** Calls endpoints of one installation, as nobody, as a signed-in account, or as a service with a bearer token. */
export interface Client {
  call<E extends Endpoint>(endpoint: E, input?: CallInput<E>): Promise<AnswerOf<E>>;
}

/** What the API answered instead of success. */
export class Refused extends Failure {
  override name = "Refused";
  constructor(
    readonly endpointId: string,
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(`${endpointId} answered ${status} ${code}${detail}`);
  }
}

const patienceMs = 20_000;

/**
 * Keeps the session cookie the server sets. Waits and tries again when the server says that it is busy, not ready or limited.
 * @param bearer makes a token per call, for services
 * @param host name to be taken for, on a way that never leaves the machine: the gateway lets only secure origins sign in
 */
export function makeClient(baseUrl: string, { bearer, host }: { bearer?: () => Promise<string>; host?: string } = {}): Client {
  let session: string | undefined;
  async function once<E extends Endpoint>(endpoint: E, input: CallInput<E>): Promise<Response> {
    const path = endpoint.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(input.params?.[name] ?? ""));
    const query = new URLSearchParams(input.query ?? {}).toString();
    const headers = new Headers({ accept: "application/json", ...(host ? { host } : {}) });
    if (input.body !== undefined) headers.set("content-type", "application/json");
    if (input.idempotencyKey) headers.set("idempotency-key", input.idempotencyKey);
    if (bearer) headers.set("authorization", `Bearer ${await bearer()}`);
    else if (session) headers.set("cookie", `${sessionCookie}=${session}`);
    const answer = await fetch(`${baseUrl}${path}${query ? `?${query}` : ""}`, {
      method: endpoint.method,
      headers,
      redirect: "error",
      signal: AbortSignal.timeout(120_000),
      ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const value = new RegExp(`^${sessionCookie}=([^;]*)`).exec(cookie)?.[1];
      if (value) session = value;
    }
    return answer;
  }
  return {
    async call<E extends Endpoint>(endpoint: E, input: CallInput<E> = {}): Promise<AnswerOf<E>> {
      const deadline = performance.now() + patienceMs;
      for (let attempt = 0; ; attempt++) {
        const answer = await once(endpoint, input).catch((error: unknown) => (performance.now() < deadline ? null : Promise.reject(error)));
        if (answer?.ok) return (answer.status === 204 ? undefined : await answer.json()) as AnswerOf<E>;
        if (answer) {
          const problem = problemSchema.safeParse(await answer.json().catch(() => null));
          const code = problem.success ? problem.data.code : "no-problem-document";
          const fields = problem.success ? (problem.data.errors ?? []).map(({ path, message }) => ` ${path}: ${message};`).join("") : "";
          const worthIt = answer.status === 429 || answer.status === 503 || input.retryOn?.includes(code);
          if (!worthIt || performance.now() > deadline) throw new Refused(endpoint.id, answer.status, code, fields);
          const after = Number(answer.headers.get("retry-after") ?? 0);
          await Bun.sleep(Math.max(after * 1000, Math.min(2_000, 100 * 2 ** attempt)));
        } else await Bun.sleep(300);
      }
    },
  };
}
