import type { Endpoint } from "@episante/contracts/endpoint";
import type { ServiceName } from "@episante/contracts/session";

const defaultBodyBytes = 64 * 1024;

/** Where a path goes and what the gateway must know of it. */
export interface RouteFacts {
  readonly service: ServiceName;
  /** Services the caller's token must work for: the service, and the one it asks on the caller's behalf. */
  readonly audience: readonly ServiceName[];
  /** Contract path, for metrics and logs: never the real one, which holds ids. */
  readonly label: string;
  readonly maxBodyBytes: number;
  readonly isStream: boolean;
  /** Server-sent events, which come over the service's channel. */
  readonly isEventStream: boolean;
  readonly id: string | null;
}

/** Finds the service of an `/api/…` path; null for a prefix nobody offers. `/internal/…` is never in the table. */
export type Routing = (method: string, segments: readonly string[]) => RouteFacts | null;

interface Candidate {
  readonly endpoint: Endpoint;
  readonly parts: readonly string[];
}

/** Builds the forwarding table from the contracts: the prefix `/api/<name>` decides the service, the exact endpoint the limits. */
export function makeRouting(endpoints: readonly Endpoint[]): Routing {
  const services = new Map<string, ServiceName>();
  const candidates = new Map<string, Candidate[]>();
  for (const endpoint of endpoints) {
    const parts = endpoint.path.split("/").slice(1);
    const [root, prefix] = parts;
    if (root !== "api" || !prefix || endpoint.policy.kind === "service") continue;
    if (endpoint.service !== "gateway") services.set(prefix, endpoint.service);
    const key = `${endpoint.method} ${prefix}`;
    candidates.set(key, [...(candidates.get(key) ?? []), { endpoint, parts }]);
  }
  // Literal segments win over parameters, as `/alerts/feed` over `/alerts/:id`, and `/:id.ics` over `/:id`.
  for (const list of candidates.values()) list.sort((a, b) => parameters(a.parts) - parameters(b.parts));
  return (method, segments) => {
    const prefix = segments[1];
    const service = segments[0] === "api" && prefix ? services.get(prefix) : undefined;
    if (!service || !prefix) return null;
    const endpoint = candidates
      .get(`${method === "HEAD" ? "GET" : method} ${prefix}`)
      ?.find(({ parts }) => matches(parts, segments))?.endpoint;
    return {
      service,
      audience: endpoint?.onBehalf ? [service, endpoint.onBehalf] : [service],
      label: endpoint?.path ?? `/api/${prefix}/*`,
      maxBodyBytes: endpoint?.maxBodyBytes ?? defaultBodyBytes,
      isStream: endpoint?.stream !== undefined,
      isEventStream: endpoint?.stream === "events",
      id: endpoint?.id ?? null,
    };
  };
}

function parameters(parts: readonly string[]): number {
  return parts.reduce((sum, part) => sum + (part.startsWith(":") ? (endingOf(part) === "" ? 2 : 1) : 0), 0);
}

function matches(parts: readonly string[], segments: readonly string[]): boolean {
  return parts.length === segments.length && parts.every((part, index) => fits(part, segments[index] ?? ""));
}

function fits(part: string, segment: string): boolean {
  return part.startsWith(":") ? segment.endsWith(endingOf(part)) : part === segment;
}

/** `.ics` of `:id.ics`, else nothing. */
function endingOf(part: string): string {
  const dot = part.indexOf(".");
  return part.startsWith(":") && dot !== -1 ? part.slice(dot) : "";
}
