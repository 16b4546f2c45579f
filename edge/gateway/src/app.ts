import { isRefusal, type ProblemCode, problems, type Refusal, refuse } from "@episante/contracts/problem";
import { testClockPath } from "@episante/contracts/system";
import type { Log } from "@episante/service/log";
import type { Metrics } from "@episante/service/metrics";
import { problemResponse } from "@episante/service/problem";
import { inSpan } from "@episante/service/trace";
import type { Server } from "bun";
import { clientOf, type ProxyTest } from "./domain/address.ts";
import { securityHeaders, strictTransport } from "./domain/headers.ts";
import { checkOrigin } from "./domain/origin.ts";
import { isPlainPath } from "./domain/path.ts";
import type { RouteFacts, Routing } from "./domain/routing.ts";
import type { Trace } from "./domain/trace.ts";
import type { MqttDoor } from "./doors/mqtt-door.ts";
import type { SocketDoor } from "./doors/socket-door.ts";
import type { DoorSocket } from "./doors/web-sockets.ts";
import type { Limits } from "./limits.ts";
import { hasSessionCookie, type Sessions } from "./mirrors/sessions.ts";
import type { Client, Forward } from "./routes/forward.ts";
import type { OwnAnswer, OwnRoute } from "./routes/own.ts";
import type { StaticFiles } from "./routes/static.ts";
import { traceOf } from "./trace.ts";

export interface AppDeps {
  readonly log: Log;
  readonly metrics: Metrics;
  /** Told of every refusal that no service gave. */
  readonly onRefusal: (code: ProblemCode) => void;
  readonly routing: Routing;
  readonly sessions: Sessions;
  readonly limits: Limits;
  readonly isTrustedProxy: ProxyTest;
  readonly forward: Forward;
  readonly staticFiles: StaticFiles;
  readonly docs: (segments: readonly string[]) => Response | null;
  readonly socketDoor: SocketDoor;
  readonly mqttDoor: MqttDoor;
  readonly ownRoutes: readonly OwnRoute[];
  /** Null unless the installation runs with the test clock: its route, and business time in ms. */
  readonly testClock: { readonly answer: OwnAnswer; readonly now: () => number } | null;
}

/** One request with what was found out about it. */
interface Call {
  readonly request: Request;
  readonly server: Server<DoorSocket>;
  readonly segments: readonly string[];
  readonly client: Client;
  readonly trace: Trace;
}

export type App = (request: Request, server: Server<DoorSocket>, segments: readonly string[] | null) => Promise<Response | undefined>;

/** The public face: decides which part answers, and dresses every answer. `segments` are the path's parts as sent, decoded once. */
export function makeApp(deps: AppDeps): App {
  return async (request, server, segments) => {
    const trace = traceOf(request.headers.get("traceparent"));
    const client = clientOf(request.headers, server.requestIP(request)?.address ?? "", deps.isTrustedProxy);
    let answer: Response | Refusal | undefined;
    try {
      answer = segments && isPlainPath(segments) ? await route(deps, { request, server, segments, client, trace }) : refuse("bad-path");
    } catch (error) {
      deps.log.error({ err: error, traceId: trace.traceId }, "request failed");
      answer = refuse("internal-error");
    }
    if (!answer) return undefined;
    if (isRefusal(answer)) deps.onRefusal(answer.refused);
    const response = isRefusal(answer) ? problemResponse(answer, trace.traceId) : answer;
    for (const [name, value] of Object.entries(securityHeaders)) response.headers.set(name, value);
    // Screens count with the server's clock, which they learn from here.
    if (deps.testClock) response.headers.set("date", new Date(deps.testClock.now()).toUTCString());
    if (client.proto === "https") response.headers.set("strict-transport-security", strictTransport);
    return response;
  };
}

async function route(deps: AppDeps, call: Call): Promise<Response | Refusal | undefined> {
  const { request, server, segments, client, trace } = call;
  const path = `/${segments.join("/")}`;
  const facts = {
    method: request.method,
    hasSession: hasSessionCookie(request.headers.get("cookie")),
    isUpgrade: request.headers.get("upgrade") !== null,
    origin: request.headers.get("origin"),
    fetchSite: request.headers.get("sec-fetch-site"),
    ownOrigin: `${client.proto}://${client.host}`,
  };
  if (path === "/mqtt") return deps.mqttDoor.open(request, server);
  if (segments[0] !== "api") return deps.staticFiles(request, segments) ?? refuse("not-found");
  const foreign = checkOrigin(facts);
  if (foreign) return foreign;
  if (segments[1] === "docs" && request.method === "GET") return deps.docs(segments) ?? refuse("not-found");
  if (path === testClockPath && deps.testClock) return deps.testClock.answer(request, trace.traceId);
  if (path === "/api/devices/stream") return deps.socketDoor.open(request, server);
  const own = deps.ownRoutes.find(({ endpoint }) => endpoint.method === request.method && endpoint.path === path);
  if (own) return own.answer(request, trace.traceId);
  const target = deps.routing(request.method, segments);
  return target ? spanOfRequest(deps, call, target) : refuse("not-found");
}

/** The first span of a person's request. */
function spanOfRequest(deps: AppDeps, call: Call, target: RouteFacts): Promise<Response | Refusal> {
  const attributes = { "http.request.method": call.request.method, "http.route": target.label };
  return inSpan({ name: `${call.request.method} ${target.label}`, kind: "server", entry: call.trace, attributes }, async (span) => {
    const trace = span.traceparent ? { ...call.trace, traceparent: span.traceparent } : call.trace;
    const answer = await forwarded(deps, { ...call, trace }, target);
    const status = isRefusal(answer) ? problems[answer.refused][0] : answer.status;
    span.set({ "http.response.status_code": status, ...(isRefusal(answer) ? { "episante.outcome": answer.refused } : {}) });
    if (status >= 500) span.end("fault");
    return answer;
  });
}

async function forwarded(deps: AppDeps, call: Call, target: RouteFacts): Promise<Response | Refusal> {
  const { request, server, segments, client, trace } = call;
  const startedAt = performance.now();
  const session = await deps.sessions.resolve(request.headers.get("cookie"), { isUse: !target.isStream });
  if (isRefusal(session)) return session;
  const limited = { endpointId: target.id, ip: client.ip, sessionHash: session?.hash ?? null };
  const refused = deps.limits.check(limited);
  if (refused) return refused;
  const answer = await deps.forward({
    request,
    target: `/${segments.map(encodeURIComponent).join("/")}${new URL(request.url).search}`,
    route: target,
    session,
    client,
    trace,
    keepOpen: () => server.timeout(request, 0),
  });
  const status = isRefusal(answer) ? problems[answer.refused][0] : answer.status;
  deps.limits.settle(limited, status);
  deps.metrics.http.observe({ route: target.label, status: String(status) }, (performance.now() - startedAt) / 1000);
  return answer;
}
