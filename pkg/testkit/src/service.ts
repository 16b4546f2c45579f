import type { Endpoint } from "@episante/contracts/endpoint";
import type { Actor, CallerName, ServiceName, TokenActor } from "@episante/contracts/session";
import { makeApp, type Readiness } from "@episante/service/app";
import type { Clock } from "@episante/service/clock";
import type { Database } from "@episante/service/db";
import type { BoundRoute } from "@episante/service/endpoint";
import { type Log, silentLog } from "@episante/service/log";
import { type Metrics, makeMetrics } from "@episante/service/metrics";
import type { Outbox } from "@episante/service/outbox";
import { makeSigner, makeVerifier, type Signer, type Verifier } from "@episante/service/token";
import { exportJWK, generateKeyPair } from "jose";
import { testClock } from "./clock.ts";

/** Keys of a whole installation: a signer per process and the public set. */
export async function testKeys(
  names: readonly CallerName[],
): Promise<{ jwks: string; signers: Record<string, Signer>; privateKeys: Record<string, string> }> {
  const signers: Record<string, Signer> = {};
  const privateKeys: Record<string, string> = {};
  const keys: Record<string, unknown>[] = [];
  for (const name of new Set(names)) {
    const pair = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const kid = `${name}-1`;
    const privateKey = JSON.stringify({ ...(await exportJWK(pair.privateKey)), kid });
    privateKeys[name] = privateKey;
    signers[name] = await makeSigner(name, privateKey);
    keys.push({ ...(await exportJWK(pair.publicKey)), kid, alg: "EdDSA", use: "sig" });
  }
  return { jwks: JSON.stringify({ keys }), signers, privateKeys };
}

/** An outbox that leaves its rows in the table, for tests that look at them. */
export const idleOutbox: Outbox = { wake() {}, flush: async () => {}, positions: () => ({}), stop: async () => {} };

/** The platform's part of a service's deps, with nothing running behind it. */
export function testDeps(
  service: ServiceName,
  db: Database,
  clock: Clock = testClock(Date.parse("2026-01-15T08:00:00Z")),
  log: Log = silentLog,
): {
  service: ServiceName;
  db: Database;
  clock: Clock;
  log: Log;
  outbox: Outbox;
  metrics: Metrics;
} {
  return { service, db, clock, log, outbox: idleOutbox, metrics: makeMetrics(service) };
}

type RequestBody = NonNullable<RequestInit["body"]>;

export interface CallOptions {
  readonly actor?: Actor;
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string | number | undefined>;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly rawBody?: RequestBody;
  readonly headers?: Record<string, string>;
}
export interface CallAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape
  readonly json: any;
  readonly text: string;
  readonly headers: Headers;
}
export interface Harness {
  call(endpoint: Endpoint, options?: CallOptions): Promise<CallAnswer>;
  /** A raw request to the app. */
  fetch(request: Request): Promise<Response>;
  /** A real token for an actor, as the gateway or a service signs it. */
  tokenFor(actor: TokenActor): Promise<string>;
  readonly verifier: Verifier;
}

/** The service's HTTP app in process, called with real tokens. */
export async function harness({
  service,
  routes,
  ready = () => [],
  log = silentLog,
}: {
  service: ServiceName;
  routes: readonly BoundRoute[];
  ready?: Readiness;
  log?: Log;
}): Promise<Harness> {
  const { jwks, signers } = await testKeys([
    "gateway",
    "operator",
    "patient",
    "doctor",
    "appointment",
    "auth",
    "notification",
    "ingest",
    "alert",
    "audit",
    "pipeline",
  ]);
  const verifier = makeVerifier(service, jwks);
  const app = makeApp({ service, routes, deps: { log, metrics: makeMetrics(service), verifier, ready } });
  const tokenFor = (actor: TokenActor) => {
    const signer = signers[actor.kind === "service" ? actor.service : "gateway"];
    if (!signer) throw new Error("no signer");
    return signer.sign(actor, service);
  };
  const fetch = async (request: Request) => app.fetch(request);
  return {
    verifier,
    tokenFor,
    fetch,
    async call(endpoint, options = {}) {
      const url = new URL(
        endpoint.path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(options.params?.[name] ?? "missing")),
        "http://service.test",
      );
      for (const [name, value] of Object.entries(options.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value));
      const headers = new Headers(options.headers);
      const { actor } = options;
      if (actor && actor.kind !== "anonymous" && actor.kind !== "system") headers.set("authorization", `Bearer ${await tokenFor(actor)}`);
      const body: RequestBody | undefined = options.rawBody ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
      if (body !== undefined && !headers.has("content-type")) headers.set("content-type", "application/json");
      const response = await fetch(new Request(url.href, { method: endpoint.method, headers, body: body ?? null }));
      const text = await response.text();
      return {
        status: response.status,
        text,
        headers: response.headers,
        json: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : undefined,
      };
    },
  };
}
