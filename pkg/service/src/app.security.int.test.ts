import { describe, expect, test } from "bun:test";
import { defineEndpoint } from "@episante/contracts/endpoint";
import { doctorActor, patientActor } from "@episante/testkit/actors";
import { expectProblem, refusals } from "@episante/testkit/refusals";
import { harness } from "@episante/testkit/service";
import { z } from "zod";
import { depthOf, makeApp } from "./app.ts";
import { bind } from "./endpoint.ts";
import { silentLog } from "./log.ts";
import { makeMetrics } from "./metrics.ts";
import { makeSigner, makeVerifier } from "./token.ts";

const echo = defineEndpoint({
  id: "patient.echo",
  service: "patient",
  method: "POST",
  path: "/api/patients/echo",
  summary: "",
  policy: { kind: "roles", roles: ["patient"] },
  body: z.strictObject({ text: z.string().max(100) }),
  response: z.object({ text: z.string() }),
  maxBodyBytes: 1024,
});
const boom = defineEndpoint({
  id: "patient.boom",
  service: "patient",
  method: "GET",
  path: "/api/patients/boom",
  summary: "",
  policy: { kind: "public" },
  response: z.object({}),
});

const world = async () => ({
  harness: await harness({
    service: "patient",
    routes: [
      bind(echo, async ({ body }) => ({ text: body.text, secret: "not in the contract" })),
      bind(boom, async () => {
        throw new Error("select secret from patients");
      }),
    ],
  }),
  accepted: { actor: patientActor(), body: { text: "hello" } },
});

describe("every endpoint", () => {
  refusals(echo, world);

  test("answers only the fields of its contract", async () => {
    const { harness, accepted } = await world();
    expect((await harness.call(echo, accepted)).json).toEqual({ text: "hello" });
  });

  test("is reached with and without a trailing slash", async () => {
    const { harness, accepted } = await world();
    const token = await harness.tokenFor(accepted.actor);
    const request = new Request("http://service.test/api/patients/echo/", {
      method: "POST",
      body: '{"text":"a"}',
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    });
    expect((await harness.fetch(request)).status).toBe(200);
  });

  test("hides the inside of an unexpected error", async () => {
    const { harness } = await world();
    expectProblem(await harness.call(boom), 500, "internal-error");
  });

  test("refuses an oversize body that comes in chunks without a length", async () => {
    const { harness, accepted } = await world();
    const chunk = new TextEncoder().encode("x".repeat(512));
    const rawBody = new ReadableStream({
      start(controller) {
        for (let index = 0; index < 8; index++) controller.enqueue(chunk);
        controller.close();
      },
    });
    expectProblem(await harness.call(echo, { actor: accepted.actor, rawBody }), 413, "body-too-large");
  });

  test("refuses a NUL in the body and in the address, which a database cannot keep", async () => {
    const { harness, accepted } = await world();
    expectProblem(await harness.call(echo, { ...accepted, body: { text: "a\u0000b" } }), 422, "invalid-input");
    expect((await harness.call(echo, { ...accepted, body: { text: "a\\u0000b" } })).status).toBe(200);
    expect((await harness.fetch(new Request("http://service.test/api/patients/boom?q=%00"))).status).toBe(400);
  });

  test("never repeats a rejected value", async () => {
    const { harness, accepted } = await world();
    const answer = await harness.call(echo, { ...accepted, body: { text: { canary: "canary-7311" } } });
    expectProblem(answer, 422, "invalid-input");
    expect(answer.text).not.toContain("canary-7311");
  });
});

describe("boot", () => {
  test("stops at a route without a policy", () => {
    const unguarded = { ...boom, policy: undefined as never };
    const deps = { log: silentLog, metrics: makeMetrics("patient"), verifier: { verify: async () => null }, ready: () => [] };
    expect(() => makeApp({ service: "patient", routes: [bind(unguarded, async () => ({}))], deps })).toThrow("no policy");
    expect(() => makeApp({ service: "patient", routes: [bind(boom, async () => ({})), bind(boom, async () => ({}))], deps })).toThrow(
      "bound twice",
    );
  });
});

describe("tokens", () => {
  const keys = async (names: string[]) => {
    const { testKeys } = await import("@episante/testkit/service");
    return testKeys(names as never);
  };
  test("work for their one audience only", async () => {
    const { jwks, signers } = await keys(["gateway"]);
    const token = (await signers.gateway?.sign(patientActor(), "patient")) ?? "";
    expect(await makeVerifier("patient", jwks).verify(token)).toMatchObject({ kind: "user" });
    expect(await makeVerifier("doctor", jwks).verify(token)).toBeNull();
  });
  test("of a service cannot speak for a person or for another service", async () => {
    const { jwks, signers } = await keys(["gateway", "alert"]);
    const verifier = makeVerifier("patient", jwks);
    expect(await verifier.verify((await signers.alert?.sign(doctorActor(), "patient")) ?? "")).toBeNull();
    expect(await verifier.verify((await signers.alert?.sign({ kind: "service", service: "auth" }, "patient")) ?? "")).toBeNull();
    expect(await verifier.verify((await signers.alert?.sign({ kind: "service", service: "alert" }, "patient")) ?? "")).toMatchObject({
      service: "alert",
    });
  });
  test("signed with an unknown key, or tampered with, are refused", async () => {
    const { jwks, signers } = await keys(["gateway"]);
    const other = await keys(["gateway"]);
    const verifier = makeVerifier("patient", jwks);
    expect(await verifier.verify((await other.signers.gateway?.sign(patientActor(), "patient")) ?? "")).toBeNull();
    const token = (await signers.gateway?.sign(patientActor(), "patient")) ?? "";
    const [header, payload = "", signature] = token.split(".");
    const forged = btoa(atob(payload.replace(/-/g, "+").replace(/_/g, "/")).replace('"demo":true', '"demo":null'));
    expect(await verifier.verify(`${header}.${forged}.${signature}`)).toBeNull();
    expect(await verifier.verify("x".repeat(10_000))).toBeNull();
  });
  test("need a signing key with a kid", async () => {
    const { privateKeys } = await keys(["gateway"]);
    const { kid: _, ...bare } = JSON.parse(privateKeys.gateway ?? "{}");
    expect(makeSigner("gateway", JSON.stringify(bare))).rejects.toThrow("kid");
  });
});

test("depth counts brackets outside strings only", () => {
  expect(depthOf('{"a":"[[[[{{{{","b":[1,{"c":"\\"["}]}')).toBe(3);
});
