import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { defineEndpoint } from "@episante/contracts/endpoint";
import type { Frame } from "@episante/contracts/envelope";
import { refuse } from "@episante/contracts/problem";
import { newTraceparent, parseTraceparent } from "@episante/contracts/traceparent";
import { patientActor } from "@episante/testkit/actors";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { freePort } from "@episante/testkit/servers";
import { testDeps, testKeys } from "@episante/testkit/service";
import { type Collector, startCollector, wayTo } from "@episante/testkit/traces";
import { waitFor } from "@episante/testkit/wait-for";
import { jetstreamManager } from "@nats-io/jetstream";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { defineAction } from "./action.ts";
import { makeApp } from "./app.ts";
import { makeCaller } from "./call.ts";
import { type ConsumeDeps, consumer, startConsumer } from "./consume.ts";
import { grant } from "./db.ts";
import { bind } from "./endpoint.ts";
import { newId } from "./ids.ts";
import { makeLog } from "./log.ts";
import { startOutbox } from "./outbox.ts";
import { reader, startReader } from "./reader.ts";
import { makeVerifier } from "./token.ts";
import { currentTraceparent, inSpan, startSpan, startTracing } from "./trace.ts";

let broker: TestBroker;
let world: TestDatabase;
let keys: Awaited<ReturnType<typeof testKeys>>;
beforeAll(async () => {
  [broker, world, keys] = await Promise.all([
    testBroker(),
    testDatabase({ migrations: "pkg/service/src/fixtures/migrations" }),
    testKeys(["gateway", "patient"]),
  ]);
});
afterAll(async () => {
  await world.close();
  await broker.close();
});

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A log whose lines the test reads. */
function heardLog() {
  const lines: string[] = [];
  return { log: makeLog("patient", "debug", { write: (line: string) => void lines.push(line) }), lines };
}

/** Turns traces on towards a collector. `flush` turns them off and has everything sent. */
async function traceTo(collector: Collector, { share, log = heardLog().log }: { share?: number; log?: ReturnType<typeof makeLog> } = {}) {
  ends.push(() => collector.stop());
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...(share === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: share }) };
  const stop = await startTracing("patient", settings, log);
  ends.push(stop);
  return { flush: stop };
}

const secrets = { family: "Mbarek-Planted", text: "planted: suspected sarcoidosis", mail: "planted@clinic.example" };
const addNote = defineEndpoint({
  id: "patient.add-note",
  service: "patient",
  method: "POST",
  path: "/api/patients/:patientId/notes",
  summary: "",
  policy: { kind: "user" },
  params: z.strictObject({ patientId: z.string() }),
  body: z.strictObject({ text: z.string(), family: z.string(), mail: z.string() }),
  response: z.object({ id: z.number() }),
});
const notes = defineEndpoint({
  id: "patient.count-notes",
  service: "patient",
  method: "GET",
  path: "/internal/notes",
  summary: "",
  policy: { kind: "service", callers: ["patient"] },
  response: z.object({ count: z.number() }),
});

/** A service on a port of its own with an action that emits, a consumer that asks another service, and the relay between them. */
async function startService() {
  const { log, lines } = heardLog();
  const base = testDeps("patient", world.db, undefined, log);
  const outbox = await startOutbox({ ...base, js: broker.js });
  ends.push(() => outbox.stop());
  const deps: ConsumeDeps = { ...base, outbox, nats: broker.nats, js: broker.js };
  const write = defineAction<ConsumeDeps, { patientId: string; text: string }, { id: number }>({
    name: addNote.id,
    access: ({ input }) => grant.patients([input.patientId]),
    run: async ({ tx, input, emit }) => {
      if (input.text === "fail") throw new TypeError(`broken over ${input.text} of ${input.patientId}`);
      if (input.text === "refuse") return refuse("slot-taken");
      const [row] = await tx.execute(sql`insert into notes (patient_id, body) values (${input.patientId}, ${input.text}) returning id`);
      await emit("patient.registered", { patientId: input.patientId as never });
      return { id: Number(row?.id) };
    },
  });
  const routes = [
    bind(addNote, ({ params, body, actor, meta }) => write(deps, actor, { patientId: params.patientId, text: body.text }, meta)),
    bind(notes, async () => ({ count: (await world.owner`select 1 from notes`).length })),
  ];
  const verifier = makeVerifier("patient", keys.jwks);
  const app = makeApp({ service: "patient", routes, deps: { log, metrics: base.metrics, verifier, ready: () => [] } });
  const server = Bun.serve({ port: await freePort(), hostname: "127.0.0.1", fetch: (request) => app.fetch(request) });
  ends.push(() => server.stop(true));
  const url = `http://127.0.0.1:${server.port}`;
  const patientSigner = keys.signers.patient;
  const gatewaySigner = keys.signers.gateway;
  if (!patientSigner || !gatewaySigner) throw new Error("no signers");
  const callInternal = makeCaller(patientSigner, { patient: url });
  const handled: string[] = [];
  const running = await startConsumer(
    consumer<ConsumeDeps, "patient.registered">({
      name: "count-on-registered",
      on: ["patient.registered"],
      handle: async ({ event }) => {
        await callInternal(notes);
        handled.push(event.data.patientId);
      },
    }),
    deps,
  );
  ends.push(() => running.stop());
  const patient = patientActor();
  const post = async (text: string, headers: Record<string, string> = {}) => {
    const { kind: _, ...claims } = patient;
    const token = await gatewaySigner.sign({ kind: "user", ...claims }, "patient");
    return fetch(`${url}/api/patients/${patient.patientId}/notes`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      body: JSON.stringify({ ...secrets, text }),
    });
  };
  return { post, patient, handled, lines, deps };
}

/** What the gateway sends on for a request whose trace it records. */
const sampledHeader = () => newTraceparent().replace(/00$/, "01");

/** `traceparent` of the newest event on the stream, in its header and in its body. */
async function lastEvent(): Promise<{ header: string; body: unknown }> {
  const manager = await jetstreamManager(broker.nats);
  const event = await manager.streams.getMessage("EVENTS", { last_by_subj: "events.patient.registered.v1" });
  if (!event) throw new Error("no event");
  return { header: event.header.get("traceparent"), body: event.json<{ traceparent?: string }>().traceparent };
}

describe("a request", () => {
  test("is one connected trace over HTTP, action, outbox, broker, consumer and the call it makes; nothing of the patient is in it", async () => {
    const collector = startCollector();
    const { flush } = await traceTo(collector);
    const { post, patient, handled, lines } = await startService();
    const entry = { traceId: parseTraceparent(newTraceparent())?.traceId ?? "" };
    const status = await inSpan({ name: "door", kind: "server", entry }, async ({ traceparent }) => {
      return (await post(secrets.text, { traceparent: traceparent ?? "" })).status;
    });
    expect(status).toBe(200);
    await waitFor(() => handled.includes(patient.patientId));
    await waitFor(() => lines.some((line) => line.includes('"route":"patient.count-notes"')));
    await flush();

    const ours = collector.spans.filter(({ traceId }) => traceId === entry.traceId);
    const called = ours.find(({ name }) => name === "patient.count-notes");
    if (!called) throw new Error(`no last span among ${ours.map(({ name }) => name)}`);
    expect(wayTo(ours, called)).toEqual([
      "door",
      "patient.add-note",
      "action patient.add-note",
      "publish patient.registered",
      "consume count-on-registered",
      "call patient.count-notes",
      "patient.count-notes",
    ]);
    expect(ours.find(({ name }) => name === "patient.add-note")?.attributes).toEqual({
      "http.request.method": "POST",
      "http.route": "/api/patients/:patientId/notes",
      "http.response.status_code": "200",
    });
    const answered = lines.map((line) => JSON.parse(line)).find(({ route }) => route === "patient.add-note");
    expect(answered.traceId).toBe(entry.traceId);

    const sent = collector.bodies.join("\n");
    expect(sent).toContain("action patient.add-note");
    for (const planted of [...Object.values(secrets), patient.patientId, patient.accountId, patient.sessionHash, "insert into"])
      expect(sent).not.toContain(planted);
  });

  test("that fails or is refused says so by class and code, without the words of the error", async () => {
    const collector = startCollector();
    const { flush } = await traceTo(collector);
    const { post, patient } = await startService();
    const failing = await post("fail", { traceparent: sampledHeader() });
    expect(failing.status).toBe(500);
    const { traceId } = (await failing.json()) as { traceId: string };
    expect((await post("refuse", { traceparent: sampledHeader() })).status).toBe(409);
    await flush();
    const actions = collector.spans.filter(({ name }) => name === "action patient.add-note");
    expect(actions.map(({ isFailed, attributes }) => [isFailed, attributes["error.type"] ?? attributes["episante.outcome"]])).toEqual([
      [true, "TypeError"],
      [false, "slot-taken"],
    ]);
    expect(actions[0]?.traceId).toBe(traceId);
    expect(collector.bodies.join()).not.toContain(patient.patientId);
    expect(collector.bodies.join()).not.toContain("broken over");
  });

  test("with a hostile trace header is answered under a trace of its own, and records nothing", async () => {
    const collector = startCollector();
    const { flush } = await traceTo(collector);
    const { post } = await startService();
    const trace = "a".repeat(32);
    const hostile = [
      "'; drop table notes; --",
      `00-${trace}-${"0".repeat(16)}-01`,
      `00-${trace.toUpperCase()}-${"b".repeat(16)}-01`,
      `00-${trace}-${"b".repeat(16)}-01${"0".repeat(8_000)}`,
      `ff-${trace}-${"b".repeat(16)}-01`,
    ];
    for (const traceparent of hostile) {
      const answer = await post("refuse", { traceparent });
      expect(answer.status).toBe(409);
      expect(((await answer.json()) as { traceId: string }).traceId).not.toBe(trace);
    }
    await flush();
    expect(collector.spans).toEqual([]);
  });

  test("whose trace is not kept is passed on under the same id, and nothing of it is sent", async () => {
    const collector = startCollector();
    const { flush } = await traceTo(collector, { share: 0 });
    const { post } = await startService();
    const entry = { traceId: "c".repeat(32) };
    await inSpan({ name: "door", entry }, async ({ traceparent }) => expect(traceparent).toBeUndefined());
    const header = newTraceparent();
    const answer = await post("refuse", { traceparent: header });
    expect(((await answer.json()) as { traceId: string }).traceId).toBe(parseTraceparent(header)?.traceId ?? "");
    await flush();
    expect(collector.requests()).toBe(0);
  });
});

const frame = (seq: number, traceparent?: string): Frame => ({
  deviceId: newId("dev", 1),
  patientId: newId("pat", 1),
  clinicId: newId("cli", 1),
  kind: "wearable",
  boot: "b",
  seq,
  receivedAtMs: 0,
  readings: [["8867-4", "heart-rate", 60, 0]],
  ...(traceparent ? { traceparent } : {}),
});

describe("readings", () => {
  test("of several traces in one envelope: each trace shows each reader, and what the reader emits for it", async () => {
    const collector = startCollector();
    const { flush } = await traceTo(collector);
    const base = testDeps("patient", world.db);
    const outbox = await startOutbox({ ...base, js: broker.js });
    ends.push(() => outbox.stop());
    const deps: ConsumeDeps = { ...base, outbox, nats: broker.nats, js: broker.js };
    const [one, two] = [
      startSpan({ name: "one", entry: { traceId: "1".repeat(32) } }),
      startSpan({ name: "two", entry: { traceId: "2".repeat(32) } }),
    ];
    const frames = [frame(1, one?.traceparent), frame(2, two?.traceparent), frame(3), frame(4, newTraceparent())];
    await broker.js.publish("readings.3", JSON.stringify({ v: 1, frames }));
    const seen: number[] = [];
    const names = ["alpha", "beta"];
    for (const name of names) {
      const spec = reader<ConsumeDeps>({
        name,
        handle: async ({ messages, emit }) => {
          for (const { seq, patientId, traceparent } of messages.flatMap(({ envelope }) => envelope.frames)) {
            if (seq === 2 && name === "beta") await emit("patient.registered", { patientId: patientId as never }, traceparent);
            seen.push(seq);
          }
        },
      });
      const running = startReader(spec, deps, { partitions: 4, instance: "t" });
      ends.push(() => running.stop());
    }
    await waitFor(() => seen.length === 8);
    await waitFor(async () => (await world.owner`select 1 from outbox`).length === 0);
    one?.end();
    two?.end();
    await flush();
    const ways = collector.spans.map((span) => wayTo(collector.spans, span)?.join(" > ")).sort();
    expect(ways).toEqual([
      "one",
      "one > read alpha",
      "one > read beta",
      "two",
      "two > read alpha",
      "two > read beta",
      "two > read beta > publish patient.registered",
    ]);
    const { header, body } = await lastEvent();
    expect(parseTraceparent(header)?.traceId).toBe("2".repeat(32));
    expect(parseTraceparent(body)?.traceId).toBe("2".repeat(32));
  });
});

describe("off, as by default", () => {
  test("nothing is recorded, sent or even loaded, and the trace of a caller still goes from header to event and log", async () => {
    const program = `
      const { startTracing, inSpan, isTracing } = await import(${JSON.stringify(new URL("./trace.ts", import.meta.url).href)});
      for (const endpoint of [undefined, ""]) await startTracing("x", { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, { warn() {}, info() {} });
      const parent = "00-" + "a".repeat(32) + "-" + "b".repeat(16) + "-01";
      const kept = await inSpan({ name: "n", parent }, async (span) => span.traceparent === parent);
      const loaded = Object.keys(require.cache).filter((path) => path.includes("opentelemetry"));
      process.stdout.write(JSON.stringify({ kept, on: isTracing(), loaded }));`;
    const child = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe", stderr: "pipe" });
    expect(JSON.parse(await new Response(child.stdout).text())).toEqual({ kept: true, on: false, loaded: [] });

    const { post, patient, handled, lines } = await startService();
    const header = sampledHeader();
    expect((await post("plain", { traceparent: header })).status).toBe(200);
    await waitFor(() => handled.includes(patient.patientId));
    expect(await lastEvent()).toEqual({ header: "", body: header });
    expect(lines.some((line) => line.includes(`"traceId":"${parseTraceparent(header)?.traceId}"`))).toBe(true);
    expect(currentTraceparent()).toBeUndefined();
  });
});

describe("a collector", () => {
  test("that refuses, or that nobody runs, costs spans only: requests are answered, and one warning is logged until it is back", async () => {
    let answersWith = 400;
    const collector = startCollector(() => new Response("", { status: answersWith }));
    const { log, lines } = heardLog();
    await traceTo(collector, { log });
    const { post } = await startService();
    const warnings = () => lines.filter((line) => line.includes("not taken by the collector")).length;
    for (let turn = 1; turn <= 2; turn++) {
      expect((await post("refuse", { traceparent: sampledHeader() })).status).toBe(409);
      await waitFor(() => collector.requests() >= turn, { timeoutMs: 15_000 });
    }
    await waitFor(() => warnings() === 1);
    answersWith = 200;
    await post("refuse", { traceparent: sampledHeader() });
    await waitFor(() => lines.some((line) => line.includes("takes traces again")), { timeoutMs: 15_000 });
    expect(warnings()).toBe(1);
  }, 60_000);

  test("that never answers holds up neither requests nor the end of the process", async () => {
    const silent = startCollector(() => new Promise<Response>(() => {}));
    const { flush } = await traceTo(silent);
    const { post } = await startService();
    // More than the queue holds: what does not fit is dropped.
    for (let count = 0; count < 6_000; count++) startSpan({ name: "much", entry: { traceId: "d".repeat(32) } })?.end();
    await waitFor(() => silent.requests() > 0);
    for (let count = 0; count < 20; count++) expect((await post("refuse", { traceparent: sampledHeader() })).status).toBe(409);
    await flush();
  }, 30_000);

  test("gets no attribute that is not allowed, and no id of anybody in one that is", async () => {
    const collector = startCollector();
    const { flush } = await traceTo(collector);
    const span = startSpan({
      name: "n",
      entry: { traceId: "e".repeat(32) },
      attributes: { "http.route": `/api/patients/${newId("pat", 1)}` },
    });
    span?.set({ "episante.outcome": "a@b.example", "episante.door": "nats", value: 97, body: "x" } as never);
    span?.end(new Error(`over ${newId("pat", 1)}`));
    await flush();
    expect(collector.spans.map(({ attributes }) => attributes)).toEqual([{ "episante.door": "nats", "error.type": "Error" }]);
  });
});
