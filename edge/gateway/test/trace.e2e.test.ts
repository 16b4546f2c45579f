import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newTraceparent, parseTraceparent } from "@episante/contracts/traceparent";
import { openDevice } from "@episante/device/client";
import { newId } from "@episante/service/ids";
import { patientActor } from "@episante/testkit/actors";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { freePort, temporaryFolder } from "@episante/testkit/servers";
import { testKeys } from "@episante/testkit/service";
import { type Collector, startCollector, wayTo } from "@episante/testkit/traces";
import { waitFor } from "@episante/testkit/wait-for";
import { headers } from "@nats-io/transport-node";
import type { Gateway } from "../src/gateway.ts";
import { type Fixture, makeFixture, type PairedDevice } from "./fixture.ts";

const engineMain = join(import.meta.dir, "../../../svc/alert/src/main.ts");
let fixture: Fixture;
let database: TestDatabase;
let collector: Collector;
let gateway: Gateway;
let engine: Bun.Subprocess | undefined;
const passedOn: (string | null)[] = [];
const upstream = Bun.serve({
  port: 0,
  fetch(request) {
    passedOn.push(request.headers.get("traceparent"));
    return Response.json({ code: "not-found" }, { status: 404 });
  },
});

beforeAll(async () => {
  [fixture, database] = await Promise.all([makeFixture(), testDatabase({ migrations: "svc/alert/migrations" })]);
  collector = startCollector();
  const traces = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  gateway = await fixture.start({ ...traces, UPSTREAM_PATIENT: upstream.url.origin });
  await startEngine(traces);
}, 60_000);
afterAll(async () => {
  engine?.kill("SIGKILL");
  await engine?.exited;
  await fixture.close();
  await Promise.all([database.close(), collector.stop(), upstream.stop(true)]);
});

/** The alert engine as a process of its own. */
async function startEngine(traces: Record<string, string>): Promise<void> {
  const { jwks, privateKeys } = await testKeys(["alert"]);
  const folder = temporaryFolder("trace");
  const secret = (name: string, value: string) => {
    writeFileSync(join(folder, name), value);
    return join(folder, name);
  };
  const port = String(await freePort());
  const env = {
    PATH: process.env.PATH ?? "",
    PORT: port,
    NATS_URL: fixture.broker.url,
    NATS_USER: fixture.broker.server.user,
    NATS_PASSWORD_FILE: secret("nats", fixture.broker.server.password),
    DATABASE_URL_FILE: secret("db", database.url),
    SIGNING_KEY_FILE: secret("key", privateKeys.alert ?? ""),
    JWKS: jwks,
    MODE: "test",
    LOG_LEVEL: "error",
    ...traces,
  };
  engine = Bun.spawn([process.execPath, engineMain], { env, stdout: "ignore", stderr: "inherit" });
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await waitFor(isReady, { timeoutMs: 30_000, what: "the engine" });
}

const span = (name: string, traceId: string | undefined) => collector.spans.find((one) => one.name === name && one.traceId === traceId);

/** 31 s under the limit of a clinic's first rule. */
const low = (value = 85) =>
  Array.from({ length: 31 }, (_, second) => ({
    code: "59408-5",
    value,
    unit: "%",
    at: new Date(Date.now() - 40_000 + second * 1000).toISOString(),
  }));

async function addClinic(device: PairedDevice): Promise<void> {
  const data = { clinicId: device.entry.clinicId, name: "n", zone: "Europe/Paris", city: "c", address: "a", phone: "p", lat: 0, lng: 0 };
  const event = { id: newId("evt", 1), type: "clinic.changed", version: 1, at: new Date().toISOString(), actor: { kind: "test" }, data };
  await fixture.broker.js.publish("events.clinic.changed.v1", JSON.stringify(event));
  await waitFor(async () => (await database.owner`select 1 from rules where clinic_id = ${data.clinicId}`).length > 0);
}

function post(device: PairedDevice, traceparent: string, batch: unknown): Promise<Response> {
  return fetch(`${gateway.url}/api/devices/readings`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${device.token}`, traceparent },
    body: JSON.stringify(batch),
  });
}

test("a reading is one trace from the device through gateway and log to the engine and the alert it raises; no value or id is in it", async () => {
  const device = await fixture.pair();
  await addClinic(device);
  const traceparent = newTraceparent();
  const { traceId } = parseTraceparent(traceparent) ?? { traceId: "" };
  expect((await post(device, traceparent, { boot: "b", seq: 0, readings: low(73.125) })).status).toBe(202);
  const published = await waitFor(() => span("publish alert.raised", traceId), { timeoutMs: 20_000, what: "the alert's span" });
  // Each process sends by itself: the spans above may come later.
  expect(await waitFor(() => wayTo(collector.spans, published))).toEqual([
    "receive readings",
    "commit readings",
    "read rules",
    "publish alert.raised",
  ]);
  const services = ["receive readings", "commit readings", "read rules", "publish alert.raised"].map(
    (name) => span(name, traceId)?.service,
  );
  expect(services).toEqual(["gateway", "gateway", "alert", "alert"]);
  const [row] = await database.owner`select traceparent, id from alerts where patient_id = ${device.entry.patientId}`;
  expect(parseTraceparent(row?.traceparent)?.traceId).toBe(traceId);
  const sent = collector.bodies.join("\n");
  for (const planted of ["73.125", device.entry.patientId, device.entry.deviceId, device.entry.clinicId, device.token, String(row?.id)])
    expect(sent).not.toContain(planted);
}, 60_000);

test("every door takes the device's trace; a batch without one, or with nonsense for one, begins its own", async () => {
  const device = await fixture.pair();
  const [bySocket, byNats] = [newTraceparent(), newTraceparent()];
  const client = await openDevice({
    url: gateway.url,
    token: device.token,
    traceparentOf: ({ seq }) => (seq === 0 ? bySocket : "x".repeat(9_000)),
  });
  await client.send(low().slice(0, 1));
  await client.send(low().slice(0, 1));
  expect(await client.drained(10_000)).toBe(true);
  await client.close();

  const described = headers();
  described.set("traceparent", byNats);
  const { deviceId } = device.entry;
  const reply = `_INBOX.${deviceId}.1`;
  const heard = fixture.broker.nats.subscribe(reply, { max: 1 });
  const batch = JSON.stringify({ boot: "n", seq: 0, readings: [] });
  fixture.broker.nats.publish(`dev.${deviceId}.readings`, batch, { headers: described, reply });
  for await (const message of heard)
    expect(message.json<{ problem: { traceId: string } }>().problem.traceId).toBe(parseTraceparent(byNats)?.traceId ?? "");

  expect((await post(device, `00-${"0".repeat(32)}-${"b".repeat(16)}-01`, { boot: "h", seq: 0, readings: low().slice(0, 1) })).status).toBe(
    202,
  );
  const doors = () =>
    collector.spans.filter(({ name }) => name === "receive readings").map(({ attributes }) => attributes["episante.door"]);
  await waitFor(() => doors().length >= 5, { timeoutMs: 20_000 });
  expect(doors().toSorted()).toEqual(["http", "http", "nats", "socket", "socket"]);
  expect(span("receive readings", parseTraceparent(bySocket)?.traceId)?.parentSpanId).toBe("");
  expect(span("receive readings", parseTraceparent(byNats)?.traceId)?.attributes["episante.outcome"]).toBe("empty-batch");
}, 60_000);

test("a person's request begins at the gateway under the browser's trace id, and goes on to the service; its path's ids stay out", async () => {
  const { cookie } = await fixture.signIn(patientActor());
  const traceparent = newTraceparent();
  const { traceId } = parseTraceparent(traceparent) ?? { traceId: "" };
  const visit = newId("apt", 1);
  await fetch(`${gateway.url}/api/patients/${visit}`, { headers: { cookie, traceparent } });
  const first = await waitFor(() => collector.spans.find((one) => one.traceId === traceId), { timeoutMs: 20_000 });
  expect(first).toMatchObject({ service: "gateway", parentSpanId: "", attributes: { "http.response.status_code": "404" } });
  expect(passedOn.at(-1)).toBe(`00-${traceId}-${first.spanId}-01`);
  expect(collector.bodies.join()).not.toContain(visit);
}, 60_000);
