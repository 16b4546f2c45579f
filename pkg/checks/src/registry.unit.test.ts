import { expect, test } from "bun:test";
import {
  consumersMayRead,
  endpointsBoundOnce,
  endpointsHaveSecurityTests,
  eventsHaveOneOwner,
  type NamedEndpoint,
  routesAreThin,
} from "./registry.ts";
import { fixtureTree } from "./tree.ts";

const endpoints: NamedEndpoint[] = [{ module: "alert", name: "ackAlert", endpoint: { id: "alert.ack", service: "alert" } }];
const rules = (findings: { rule: string }[]) => findings.map(({ rule }) => rule);
const binding = 'import { ackAlert as endpoint } from "@episante/contracts/alert";\nexport const r = [bind(endpoint, handle)];';

test("an endpoint that nothing binds is found", () => {
  expect(rules(endpointsBoundOnce(fixtureTree({ "svc/alert/src/routes/a.ts": "export const r = [];" }), endpoints))).toEqual([
    "endpoint-is-bound",
  ]);
  expect(endpointsBoundOnce(fixtureTree({ "svc/alert/src/routes/a.ts": binding }), endpoints)).toEqual([]);
});

test("contracts imported as a whole module count by the names used", () => {
  const whole = 'import * as contract from "@episante/contracts/alert";\nexport const r = [bind(contract.ackAlert, handle)];';
  expect(endpointsBoundOnce(fixtureTree({ "svc/alert/src/routes/a.ts": whole }), endpoints)).toEqual([]);
  expect(rules(endpointsBoundOnce(fixtureTree({ "svc/alert/src/routes/a.ts": whole.replace("ackAlert", "getAlert") }), endpoints))).toEqual(
    ["endpoint-is-bound"],
  );
});

test("an endpoint bound by another service, or twice, is found", () => {
  expect(rules(endpointsBoundOnce(fixtureTree({ "svc/doctor/src/routes/a.ts": binding }), endpoints))).toEqual(["endpoint-has-one-owner"]);
  expect(
    rules(endpointsBoundOnce(fixtureTree({ "svc/alert/src/routes/a.ts": binding, "svc/alert/src/routes/b.ts": binding }), endpoints)),
  ).toEqual(["endpoint-has-one-owner"]);
});

test("an endpoint without a security test is found", () => {
  const suite = 'import { ackAlert } from "@episante/contracts/alert";\nrefusals(ackAlert, world);';
  expect(rules(endpointsHaveSecurityTests(fixtureTree({ "svc/alert/src/routes/a.int.test.ts": suite }), endpoints))).toEqual([
    "endpoint-has-security-test",
  ]);
  expect(endpointsHaveSecurityTests(fixtureTree({ "svc/alert/src/routes/a.security.int.test.ts": suite }), endpoints)).toEqual([]);
});

const registry = { "alert.raised": { owner: "alert" } };
const emits = 'await emit("alert.raised", data);';
const consumes = 'consumer({ on: ["alert.raised"], handle });';

test("an event emitted by a stranger, by nobody, or heard by nobody is found", () => {
  const check = (files: Record<string, string>, reasons = {}) => rules(eventsHaveOneOwner(fixtureTree(files), registry, reasons));
  const whole = { "svc/alert/src/actions/a.ts": emits, "svc/notification/src/consumers/c.ts": consumes };
  expect(check(whole)).toEqual([]);
  expect(check({ ...whole, "svc/doctor/src/actions/a.ts": emits })).toEqual(["event-has-one-owner"]);
  expect(check({ "svc/notification/src/consumers/c.ts": consumes })).toEqual(["event-is-emitted"]);
  expect(check({ "svc/alert/src/actions/a.ts": emits })).toEqual(["event-has-a-consumer"]);
  expect(check({ "svc/alert/src/actions/a.ts": emits }, { "alert.raised": "why" })).toEqual([]);
  expect(check(whole, { "alert.raised": "why" })).toEqual(["event-has-a-consumer"]);
});

test("an event emitted by a transaction's emitter, or read by silver, counts", () => {
  const files = {
    "svc/alert/src/actions/a.ts": 'await emitter(tx, actor, now)("alert.raised", data);',
    "pipeline/silver/alerts.sql": "select 1 where type in ('alert.raised')",
  };
  expect(eventsHaveOneOwner(fixtureTree(files), registry, {})).toEqual([]);
});

test("a route file with decisions in it is found by its length", () => {
  const long = Array.from({ length: 81 }, (_, line) => `const a${line} = ${line};`).join("\n");
  expect(rules(routesAreThin(fixtureTree({ "svc/alert/src/routes/a.ts": long })))).toEqual(["routes-are-thin"]);
});

test("a consumer of a stream its service may not read is found, and a mirror without heartbeats", () => {
  const check = (rights: string, kind = "consumer") =>
    rules(
      consumersMayRead(
        fixtureTree({
          "pkg/service/src/streams.ts": `const access = {\n  audit: { ${rights} },\n};`,
          "svc/audit/src/consumers/c.ts": `${kind}({ on: ["proxy.changed"], handle });`,
        }),
      ),
    );
  expect(check('read: ["AUDIT"]')).toEqual(["consumer-may-read"]);
  expect(check('read: ["EVENTS"]')).toEqual([]);
  expect(check('read: ["EVENTS"]', "mirror")).toEqual(["consumer-may-read"]);
  expect(check('read: ["EVENTS"], subscribe: ["beat.*"]', "mirror")).toEqual([]);
});
