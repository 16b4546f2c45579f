import type { Endpoint, Policy } from "@episante/contracts/endpoint";
import type { ServiceStatus } from "@episante/contracts/ops";
import { isRefusal, type Problem, type ProblemCode, type Refusal, refuse } from "@episante/contracts/problem";
import { type Actor, rolesOf } from "@episante/contracts/session";
import { formatTraceparent, parseTraceparent } from "@episante/contracts/traceparent";
import { zValidator } from "@hono/zod-validator";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import type { ActionMeta } from "./action.ts";
import { isOutOfRoom, isUnreachable } from "./db.ts";
import { Answer, type BoundRoute } from "./endpoint.ts";
import { newTraceId } from "./ids.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { ProblemError, problemResponse } from "./problem.ts";
import type { Verifier } from "./token.ts";
import { inSpan } from "./trace.ts";

/** Readiness as `/readyz` tells it: a list of reasons why not, empty when ready. */
export type Readiness = () => readonly string[];

export interface AppDeps {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly verifier: Verifier;
  readonly ready: Readiness;
  /** What `/statusz` answers, for the administrator's page; without it there is no such path. */
  readonly status?: () => Promise<ServiceStatus>;
}

interface Variables {
  traceId: string;
  traceparent: string;
  actor: Actor;
  token?: string;
}
type AppEnv = { Variables: Variables };

const defaultBodyBytes = 64 * 1024;
const maxDepth = 32;

/**
 * The HTTP face of a service: every route from its contract, with policy, limits, validation and problem documents.
 * @throws Error at boot for a route without a policy or an endpoint bound twice
 */
export function makeApp({ routes, deps }: { service: string; routes: readonly BoundRoute[]; deps: AppDeps }): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ strict: false });
  deps.metrics.watchReady(deps.ready);
  app.use(trace(deps));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", (c) => {
    const reasons = deps.ready();
    return c.json({ ready: reasons.length === 0, reasons }, reasons.length === 0 ? 200 : 503);
  });
  app.get("/metrics", async (c) =>
    c.text(await deps.metrics.registry.metrics(), 200, { "content-type": deps.metrics.registry.contentType }),
  );
  const { status } = deps;
  if (status) app.get("/statusz", async (c) => c.json(await status()));
  const bound = new Set<string>();
  for (const route of routes) {
    if (!route.endpoint.policy) throw new Error(`${route.endpoint.id} has no policy`);
    if (bound.has(route.endpoint.id)) throw new Error(`${route.endpoint.id} is bound twice`);
    bound.add(route.endpoint.id);
    mount(app, route, deps);
  }
  app.notFound((c) => problemResponse(refuse("not-found"), c.get("traceId")));
  app.onError((error, c) => {
    if (error instanceof ProblemError) return problemResponse(error.refusal, c.get("traceId"));
    const fields = { err: error, route: `${c.req.method} ${c.req.routePath}`, traceId: c.get("traceId") };
    if (isUnreachable(error)) {
      deps.log.warn(fields, "database not reachable");
      return problemResponse(refuse("not-ready"), c.get("traceId"), { "retry-after": "1" });
    }
    if (isOutOfRoom(error)) {
      deps.log.error(fields, "database has no room");
      return problemResponse(refuse("not-ready"), c.get("traceId"), { "retry-after": "5" });
    }
    deps.log.error(fields, "request failed");
    return problemResponse(refuse("internal-error"), c.get("traceId"));
  });
  return app;
}

/** Trace context in (W3C), trace id out, one log line and one observation per request. */
function trace(deps: AppDeps): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const startedAt = performance.now();
    const parent = parseTraceparent(c.req.header("traceparent"));
    const traceId = parent?.traceId ?? newTraceId();
    c.set("traceId", traceId);
    if (c.req.url.includes("%00")) return problemResponse(refuse("bad-path"), traceId);
    c.set("traceparent", formatTraceparent(parent ?? { traceId, spanId: traceId.slice(0, 16), isSampled: false }));
    await next();
    const route = c.get("routeId" as never) as string | undefined;
    if (!route) return;
    const seconds = (performance.now() - startedAt) / 1000;
    deps.metrics.http.observe({ route, status: String(c.res.status) }, seconds);
    const fields = { route, status: c.res.status, ms: Math.round(seconds * 1000), traceId };
    if (c.res.status >= 500) deps.log.error(fields, "answered with a fault");
    else deps.log.debug(fields, "answered");
  };
}

function mount(app: Hono<AppEnv>, { endpoint, handle }: BoundRoute, deps: AppDeps): void {
  const chain: MiddlewareHandler<AppEnv>[] = [
    async (c, next) => {
      c.set("routeId" as never, endpoint.id as never);
      await spanOfRequest(c, endpoint, next);
    },
    authenticate(endpoint.policy, deps.verifier),
  ];
  if (endpoint.body) chain.push(...bodyGuards(endpoint), validate("json", endpoint.body));
  if (endpoint.query) chain.push(validate("query", endpoint.query));
  const { path, params } = withEnding(endpoint);
  if (params) chain.push(validate("param", params));
  app.on([endpoint.method], [path], ...chain, async (c) => {
    const idempotencyKey = c.req.header("idempotency-key");
    if (endpoint.idempotent && !idempotencyKey) return problemResponse(refuse("idempotency-key-required"), c.get("traceId"));
    if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,128}$/.test(idempotencyKey)) {
      return problemResponse(
        refuse("invalid-input", { errors: [{ path: "Idempotency-Key", message: "1 to 128 visible characters" }] }),
        c.get("traceId"),
      );
    }
    const result = await handle({
      params: valid(c, endpoint.params, "param") as never,
      query: valid(c, endpoint.query, "query") as never,
      body: valid(c, endpoint.body, "json") as never,
      actor: c.get("actor"),
      meta: metaOf(c, idempotencyKey),
      signal: c.req.raw.signal,
      ...(c.get("token") ? { token: c.get("token") as string } : {}),
    });
    return answer(c, endpoint, result);
  });
}

/** Hono has no `/:id.ics`: the parameter is matched with its ending, which is taken off before the contract's schema sees it. */
function withEnding({ path, params }: Endpoint): Pick<Endpoint, "path" | "params"> {
  const [, before, name = "", ending = ""] = /^(.*):([A-Za-z]+)\.([a-z]+)$/.exec(path) ?? [];
  if (before === undefined || !params) return { path, ...(params ? { params } : {}) };
  const bare = z.preprocess((given: Record<string, string>) => ({ ...given, [name]: given[name]?.slice(0, -ending.length - 1) }), params);
  return { path: `${before}:${name}{[^/]+\\.${ending}}`, params: bare };
}

/** The request as a span of its trace; what it does hangs below. */
function spanOfRequest(c: Context<AppEnv>, { id, method, path }: Endpoint, next: () => Promise<void>): Promise<void> {
  const attributes = { "http.request.method": method, "http.route": path };
  return inSpan({ name: id, kind: "server", parent: c.get("traceparent"), attributes }, async (span) => {
    if (span.traceparent) c.set("traceparent", span.traceparent);
    await next();
    span.set({ "http.response.status_code": c.res.status });
    if (c.res.status >= 500) span.end(c.error ?? "fault");
  });
}

/** The answer passes through the contract's response schema, so that only listed fields leave. */
function answer(c: Context<AppEnv>, endpoint: Endpoint, result: unknown): Response {
  if (result instanceof Response) return result;
  const headers = result instanceof Answer ? result.headers : {};
  const value = result instanceof Answer ? result.value : result;
  if (isRefusal(value)) return problemResponse(value, c.get("traceId"), headers);
  const status = endpoint.status ?? 200;
  if (!endpoint.response || status === 204)
    return new Response(null, { status: 204, headers: { "cache-control": "no-store", ...headers } });
  return new Response(JSON.stringify(endpoint.response.parse(value)), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  });
}

function valid(c: Context<AppEnv>, schema: unknown, target: "param" | "query" | "json"): unknown {
  return schema ? c.req.valid(target as never) : undefined;
}

function metaOf(c: Context<AppEnv>, idempotencyKey: string | undefined): ActionMeta {
  const ip = c.req.header("x-real-ip");
  return {
    traceId: c.get("traceId"),
    traceparent: c.get("traceparent"),
    headers: c.req.raw.headers,
    ...(idempotencyKey ? { idempotencyKey } : {}),
    ...(ip ? { ip } : {}),
  };
}

function authenticate(policy: Policy, verifier: Verifier): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const header = c.req.header("authorization");
    const token = header?.startsWith("Bearer ") ? header.slice(7) : undefined;
    const actor: Actor | null = token ? await verifier.verify(token) : { kind: "anonymous" };
    if (!actor) return problemResponse(refuse("invalid-token"), c.get("traceId"));
    const refused = checkPolicy(policy, actor);
    if (refused) return problemResponse(refuse(refused), c.get("traceId"));
    c.set("actor", actor);
    if (token) c.set("token", token);
    await next();
    return;
  };
}

/** Null when the policy lets the actor in, else the problem code. */
export function checkPolicy(policy: Policy, actor: Actor): ProblemCode | null {
  if (policy.kind === "public") return null;
  if (actor.kind === "anonymous") return "not-signed-in";
  switch (policy.kind) {
    case "user":
      return actor.kind === "user" ? null : "forbidden";
    case "roles":
      return rolesOf(actor).some((role) => policy.roles.includes(role)) ? null : "forbidden";
    case "device":
      return actor.kind === "device" ? null : "forbidden";
    case "service":
      return actor.kind === "service" && policy.callers.includes(actor.service) ? null : "forbidden";
  }
}

/** Size, media type, depth and syntax of a body, before any schema sees it. */
function bodyGuards(endpoint: Endpoint): MiddlewareHandler<AppEnv>[] {
  return [
    bodyLimit({
      maxSize: endpoint.maxBodyBytes ?? defaultBodyBytes,
      onError: (c) => problemResponse(refuse("body-too-large"), c.get("traceId" as never)),
    }) as MiddlewareHandler<AppEnv>,
    async (c, next) => {
      if (!/^application\/json\s*(;|$)/i.test(c.req.header("content-type") ?? ""))
        return problemResponse(refuse("unsupported-media-type"), c.get("traceId"));
      const text = await c.req.text();
      if (depthOf(text) > maxDepth) return problemResponse(refuse("too-deep"), c.get("traceId"));
      // Postgres keeps no NUL in a text: refused here, before it could become a fault of the server.
      if (/(^|[^\\])(\\\\)*\\u0000/.test(text)) return problemResponse(refuse("invalid-input"), c.get("traceId"));
      try {
        JSON.parse(text);
      } catch {
        return problemResponse(refuse("malformed-json"), c.get("traceId"));
      }
      await next();
      return;
    },
  ];
}

/** Deepest nesting of arrays and objects in a JSON text, counted without parsing it. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 92) index++;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 123 || code === 91) deepest = Math.max(deepest, ++depth);
    else if (code === 125 || code === 93) depth--;
  }
  return deepest;
}

function validate(target: "json" | "query" | "param", schema: z.ZodType): MiddlewareHandler<AppEnv> {
  return zValidator(target, schema, (result, c) => {
    if (result.success) return;
    const refusal = target === "param" ? refuse("not-found") : invalidInput(result.error as z.ZodError);
    return problemResponse(refusal, c.get("traceId" as never));
  }) as unknown as MiddlewareHandler<AppEnv>;
}

/** Field errors without the rejected values. Unknown keys have a code of their own. */
export function invalidInput(error: z.ZodError): Refusal {
  const issues = error.issues.flatMap((issue) => (issue.code === "invalid_union" && issue.errors.length > 0 ? closest(issue) : [issue]));
  const errors: NonNullable<Problem["errors"]> = issues.slice(0, 50).map((issue) => ({
    path:
      issue.code === "unrecognized_keys"
        ? [...issue.path, issue.keys[0] ?? ""].map(String).join(".").slice(0, 200)
        : issue.path.map(String).join(".").slice(0, 200),
    message: issue.message.slice(0, 200).replace(/: ".*$/, ""),
    code: issue.code,
  }));
  return refuse(issues.length > 0 && issues.every((issue) => issue.code === "unrecognized_keys") ? "unknown-field" : "invalid-input", {
    errors,
  });
}

/** Of a union's branches, the issues of the one that came closest. */
function closest(issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] {
  return [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? [];
}
