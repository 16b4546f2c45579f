import { expect, test } from "bun:test";
import type { Endpoint } from "@episante/contracts/endpoint";
import { problemSchema } from "@episante/contracts/problem";
import { rolesOf, type TokenActor } from "@episante/contracts/session";
import { adminActor, deviceActor, doctorActor, patientActor, serviceActor, staffActor } from "./actors.ts";
import type { CallAnswer, CallOptions, Harness } from "./service.ts";

/** A call that the endpoint accepts: the positive control that every refusal is measured against. */
export interface Accepted extends CallOptions {
  readonly actor?: TokenActor;
}

const everybody: TokenActor[] = [patientActor(), doctorActor(), staffActor(), adminActor(), deviceActor(), serviceActor("pipeline")];

/**
 * The refusals every endpoint must give: no token, forged token, roles outside the policy, and for bodies malformed JSON, unknown
 * fields, wrong types, deep nesting and oversize. Each answers a problem from the closed list, no 5xx, no stack.
 * @param accepted the positive control; it must not answer with 401, 403, 413, 415 or 5xx
 */
export function refusals(endpoint: Endpoint, world: () => Promise<{ harness: Harness; accepted: Accepted }>): void {
  const name = endpoint.id;
  test(`${name}: the positive control is let in`, async () => {
    const { harness, accepted } = await world();
    const answer = await harness.call(endpoint, accepted);
    expect([401, 403, 413, 415, 500, 503]).not.toContain(answer.status);
  });
  if (endpoint.policy.kind !== "public") {
    test(`${name}: refused without a token`, async () => {
      const { harness, accepted } = await world();
      const { actor: _, ...anonymous } = accepted;
      expectProblem(await harness.call(endpoint, anonymous), 401, "not-signed-in");
    });
    test(`${name}: refused with a forged token`, async () => {
      const { harness, accepted } = await world();
      const { actor: _, ...rest } = accepted;
      const none = `${btoa('{"alg":"none"}')}.${btoa('{"actor":{"kind":"user"}}')}.`;
      expectProblem(
        await harness.call(endpoint, { ...rest, headers: { ...rest.headers, authorization: `Bearer ${none}` } }),
        401,
        "invalid-token",
      );
    });
    for (const actor of everybody.filter((candidate) => !allowed(endpoint, candidate))) {
      test(`${name}: refused to ${actor.kind === "user" ? rolesOf(actor).join() : actor.kind}`, async () => {
        const { harness, accepted } = await world();
        expectProblem(await harness.call(endpoint, { ...accepted, actor }), 403, "forbidden");
      });
    }
  }
  if (!endpoint.body) return;
  const bad = async (options: CallOptions, status: number[], codes: string[]) => {
    const { harness, accepted } = await world();
    const { body: _, ...rest } = accepted;
    const answer = await harness.call(endpoint, { ...rest, ...options });
    expect(status).toContain(answer.status);
    expect(codes).toContain(answer.json?.code);
    expectProblem(answer, answer.status, answer.json?.code);
  };
  test(`${name}: malformed JSON is refused`, () => bad({ rawBody: '{"a":' }, [400], ["malformed-json"]));
  test(`${name}: a body that is not JSON is refused`, () =>
    bad({ rawBody: "a=1", headers: { "content-type": "text/plain" } }, [415], ["unsupported-media-type"]));
  test(`${name}: nesting of 10,000 levels is refused`, () =>
    bad({ rawBody: `${"[".repeat(10_000)}${"]".repeat(10_000)}` }, [400, 413], ["too-deep", "body-too-large"]));
  test(`${name}: an array instead of an object is refused`, () => bad({ body: [] }, [422], ["invalid-input"]));
  test(`${name}: an oversize body is refused`, () =>
    bad({ rawBody: JSON.stringify({ a: "x".repeat((endpoint.maxBodyBytes ?? 65_536) + 1) }) }, [413], ["body-too-large"]));
  test(`${name}: an unknown field is refused`, async () => {
    const { harness, accepted } = await world();
    const answer = await harness.call(endpoint, { ...accepted, body: { ...(accepted.body as object), isAdmin: true } });
    expectProblem(answer, 422, answer.json?.code);
    expect(["unknown-field", "invalid-input"]).toContain(answer.json?.code);
  });
}

function allowed(endpoint: Endpoint, actor: TokenActor): boolean {
  const { policy } = endpoint;
  switch (policy.kind) {
    case "public":
      return true;
    case "user":
      return actor.kind === "user";
    case "roles":
      return rolesOf(actor).some((role) => policy.roles.includes(role));
    case "device":
      return actor.kind === "device";
    case "service":
      return actor.kind === "service" && policy.callers.includes(actor.service);
  }
}

/** Asserts a problem document: status, code, trace id; nothing of the inside. */
export function expectProblem(answer: CallAnswer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.json?.code }).toEqual({ status, code });
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  expect(problemSchema.safeParse(answer.json).success).toBe(true);
  expect(answer.text).not.toMatch(/\bat .+:\d+:\d+|select |insert |postgres|stack/i);
}
