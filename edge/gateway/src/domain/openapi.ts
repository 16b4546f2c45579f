import type { Endpoint } from "@episante/contracts/endpoint";
import { type ProblemCode, problemSchema, problems } from "@episante/contracts/problem";
import { sessionCookie } from "@episante/contracts/session";
import { z } from "zod";

type Json = Record<string, unknown>;

const always: readonly ProblemCode[] = ["malformed-json", "invalid-input", "unknown-field", "too-many-requests", "internal-error"];

/** OpenAPI 3.1 document of everything that can be called from outside, made from the contracts themselves. */
export function makeOpenApi(endpoints: readonly Endpoint[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const endpoint of endpoints) {
    if (endpoint.policy.kind === "service" || !endpoint.path.startsWith("/api/")) continue;
    const path = endpoint.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(endpoint) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "EpiSanté",
      version,
      description:
        "Every path works with and without a trailing slash. Errors are RFC 9457 problem documents. Instants are RFC 3339 in UTC.",
    },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => a.localeCompare(b))),
    components: {
      schemas: { Problem: schemaOf(problemSchema, "output") },
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: sessionCookie },
        device: { type: "http", scheme: "bearer", description: "The token a device got when it was paired" },
      },
    },
  };
}

function operation(endpoint: Endpoint): Json {
  const status = String(endpoint.status ?? 200);
  const codes = [...new Set([...(endpoint.problems ?? []), ...authProblems(endpoint), ...always])];
  return {
    operationId: endpoint.id,
    summary: endpoint.summary,
    tags: [endpoint.path.split("/")[2]],
    ...(policyNote(endpoint) ? { description: policyNote(endpoint) } : {}),
    security: endpoint.policy.kind === "public" ? [] : [endpoint.policy.kind === "device" ? { device: [] } : { session: [] }],
    parameters: [
      ...parameters(endpoint.params, "path"),
      ...parameters(endpoint.query, "query"),
      ...(endpoint.idempotent
        ? [{ name: "Idempotency-Key", in: "header", required: true, schema: { type: "string", minLength: 1, maxLength: 128 } }]
        : []),
    ],
    ...(endpoint.body
      ? { requestBody: { required: true, content: { "application/json": { schema: schemaOf(endpoint.body, "input") } } } }
      : {}),
    responses: { [status]: success(endpoint), ...refusals(codes) },
  };
}

function success(endpoint: Endpoint): Json {
  if (endpoint.stream) return { description: "A stream of its own format" };
  if (!endpoint.response) return { description: "Done" };
  return { description: "Success", content: { "application/json": { schema: schemaOf(endpoint.response, "output") } } };
}

function refusals(codes: readonly ProblemCode[]): Record<string, Json> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) byStatus.set(problems[code][0], [...(byStatus.get(problems[code][0]) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      String(status),
      {
        description: list.map((code) => `\`${code}\`: ${problems[code][1]}`).join("; "),
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    ]),
  );
}

function authProblems(endpoint: Endpoint): readonly ProblemCode[] {
  if (endpoint.policy.kind === "public") return [];
  if (endpoint.policy.kind === "device") return ["invalid-token"];
  return endpoint.policy.kind === "roles" ? ["not-signed-in", "forbidden"] : ["not-signed-in"];
}

function policyNote(endpoint: Endpoint): string | null {
  return endpoint.policy.kind === "roles" ? `For: ${endpoint.policy.roles.join(", ")}.` : null;
}

function parameters(schema: z.ZodType | undefined, place: "path" | "query"): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, "input") as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, value]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: value,
  }));
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Json;
  return rest;
}
