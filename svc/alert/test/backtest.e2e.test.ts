import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BodyInputOf } from "@episante/contracts/endpoint";
import type { Envelope } from "@episante/contracts/envelope";
import { backtest } from "@episante/contracts/rule";
import { newId } from "@episante/service/ids";
import type { Signer } from "@episante/service/token";
import { doctorActor } from "@episante/testkit/actors";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { freePort, temporaryFolder } from "@episante/testkit/servers";
import { testKeys } from "@episante/testkit/service";
import { waitFor } from "@episante/testkit/wait-for";
import { run } from "./world.ts";

/** svc/alert and svc/ingest as processes of their own, with what svc/patient and the gateway would send. */
const services = ["alert", "ingest"] as const;
type Name = (typeof services)[number];
const folder = temporaryFolder("backtest");
const children = new Map<Name, Bun.Subprocess>();
const databases = new Map<Name, TestDatabase>();
const ports = new Map<Name, number>();
let broker: TestBroker;
let gateway: Signer;
let beats: ReturnType<typeof setInterval>;

const [clinicId, doctorId, patientId, strangerId] = [newId("cli", 1), newId("doc", 1), newId("pat", 1), newId("pat", 1)];
const doctor = doctorActor({ clinicId, doctorId });
const start = Math.floor(Date.now() / 1000) * 1000 - 600_000;
const at = (second: number) => new Date(start + second * 1000).toISOString();
const story = [...run(0, 20, 95), ...run(21, 90, 86), ...run(91, 140, 95), ...run(141, 200, 84)];
const rule = {
  kind: "threshold",
  code: "59408-5",
  op: "<",
  value: 90,
  unit: "%",
  holdSeconds: 30,
  clear: { value: 92, seconds: 30 },
  gapSeconds: 60,
  severity: "critical",
} as const;
const expected = [
  { patientId, severity: "critical", onsetAt: at(21), firedAt: at(51), clearedAt: at(121) },
  { patientId, severity: "critical", onsetAt: at(141), firedAt: at(171) },
];

beforeAll(async () => {
  broker = await testBroker();
  const { jwks, privateKeys, signers } = await testKeys([...services, "gateway"]);
  gateway = signers.gateway as Signer;
  for (const name of services) ports.set(name, await freePort());
  for (const name of services) {
    const database = await testDatabase({ migrations: `svc/${name}/migrations` });
    databases.set(name, database);
    const secret = (kind: string, value: string) => {
      const path = join(folder, `${name}-${kind}`);
      writeFileSync(path, value);
      return path;
    };
    const env = {
      PATH: process.env.PATH ?? "",
      PORT: String(ports.get(name)),
      NATS_URL: broker.url,
      NATS_USER: broker.server.user,
      NATS_PASSWORD_FILE: secret("nats", broker.server.password),
      DATABASE_URL_FILE: secret("db", database.url),
      SIGNING_KEY_FILE: secret("key", privateKeys[name] ?? ""),
      JWKS_FILE: secret("jwks", jwks),
      UPSTREAM_INGEST: `http://127.0.0.1:${ports.get("ingest")}`,
      PARTITIONS: "1",
      LOG_LEVEL: "error",
    };
    children.set(
      name,
      Bun.spawn([process.execPath, join(import.meta.dir, `../../${name}/src/main.ts`)], { env, stdout: "ignore", stderr: "ignore" }),
    );
  }
  for (const name of services) {
    const isReady = () =>
      fetch(`http://127.0.0.1:${ports.get(name)}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await waitFor(isReady, { timeoutMs: 60_000, what: `${name} is ready` });
  }
  beats = setInterval(() => broker.nats.publish("beat.patient", JSON.stringify({ service: "patient", positions: {} })), 500);
}, 120_000);
afterAll(async () => {
  clearInterval(beats);
  for (const child of children.values()) child.kill("SIGKILL");
  for (const child of children.values()) await child.exited;
  await broker.close();
  for (const database of databases.values()) await database.close();
});

async function tell(type: string, data: object): Promise<void> {
  const event = { id: newId("evt", 1), type, version: 1, at: at(0), actor: { kind: "test" }, data };
  await broker.js.publish(`events.${type}.v1`, JSON.stringify(event));
}
/** Asks svc/alert as the gateway forwards it. */
async function ask(body: BodyInputOf<typeof backtest>, audience: string[] = ["alert", "ingest"]) {
  const response = await fetch(`http://127.0.0.1:${ports.get("alert")}${backtest.path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${await gateway.sign(doctor, audience)}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}
const query = async (name: Name, sql: string) => (await databases.get(name)?.owner.unsafe(sql)) ?? [];
const rows = async (name: Name, table: string) => Number((await query(name, `select count(*) from ${table}`))[0]?.count);

test("a draft rule over stored history, asked of svc/ingest on the doctor's behalf, finds what the live rule raised", async () => {
  await tell("clinic.changed", { clinicId, name: "n", zone: "Europe/Paris", city: "c", address: "a", phone: "p", lat: 0, lng: 0 });
  await tell("relationship.changed", { relationshipId: newId("rel", 1), patientId, doctorId, clinicId, from: "2026-01-01T00:00:00Z" });
  await waitFor(async () => (await query("alert", "select 1 from rules where body ->> 'kind' = 'threshold'")).length === 1, {
    what: "the default rule",
  });
  for (const name of services)
    await waitFor(async () => (await rows(name, "relationships")) === 1, { what: `${name} knows who treats whom` });
  for (const [index, patient] of [patientId, strangerId].entries()) {
    for (let from = 0; from < story.length; from += 20) {
      const samples = story.slice(from, from + 20);
      const frame = { deviceId: `dev_${index}`, patientId: patient, clinicId, kind: "wearable", boot: "b", seq: from / 20 };
      const readings = samples.map(([second, value]): Envelope["frames"][number]["readings"][number] => [
        "59408-5",
        "spo2",
        value,
        start + second * 1000,
      ]);
      const envelope: Envelope = { v: 1, frames: [{ ...frame, receivedAtMs: start + (samples.at(-1)?.[0] ?? 0) * 1000, readings }] };
      await broker.js.publish("readings.0", JSON.stringify(envelope));
    }
  }
  await waitFor(async () => (await rows("ingest", "readings")) === story.length * 2, { what: "readings stored" });
  await waitFor(async () => (await rows("alert", "alerts")) === 4, { what: "live alerts" });
  // Until svc/ingest has heard svc/patient it decides nothing about doctors.
  await waitFor(async () => (await ask({ rule, from: at(0), to: at(600) })).status !== 503, { what: "a fresh mirror" });

  const { status, json } = await ask({ rule, from: at(0), to: at(600) });
  expect({ status, alerts: json.alerts }).toEqual({ status: 200, alerts: expected });
  const live = await query(
    "alert",
    `select severity, onset_at, fired_at, cleared_at from alerts where patient_id = '${patientId}' order by onset_at`,
  );
  const instants = live.map(({ severity, onset_at, fired_at, cleared_at }) => ({
    patientId,
    severity,
    onsetAt: onset_at.toISOString(),
    firedAt: fired_at.toISOString(),
    ...(cleared_at ? { clearedAt: cleared_at.toISOString() } : {}),
  }));
  expect(instants).toEqual(expected);
}, 60_000);

test("as many patients as may be asked for fit into the call; those the doctor does not treat are left out", async () => {
  const others = Array.from({ length: 198 }, () => newId("pat", 1));
  const { json } = await ask({ rule, from: at(0), to: at(600), patientIds: [...others, strangerId, patientId] });
  expect(json.alerts).toEqual(expected);
  expect((await ask({ rule, from: at(0), to: at(600), patientIds: [strangerId] })).json.alerts).toEqual([]);
});

test("a period svc/ingest refuses is told with its reason; a token that is not for svc/ingest goes no further", async () => {
  const tooLong = await ask({ rule, from: "2016-01-01T00:00:00Z", to: at(0) });
  expect(tooLong).toMatchObject({ status: 422, json: { code: "invalid-input", detail: "longer than 366 days" } });
  expect((await ask({ rule, from: at(0), to: at(600) }, ["alert"])).status).toBe(401);
});

test("with svc/ingest down the answer says so, and inline series still run", async () => {
  children.get("ingest")?.kill("SIGKILL");
  await children.get("ingest")?.exited;
  const down = await ask({ rule, from: at(0), to: at(600) });
  expect(down).toMatchObject({ status: 503, json: { code: "upstream-unreachable" } });
  const samples = story.map(([second, value]): [string, number] => [at(second), value]);
  const { json } = await ask({ rule, series: [{ patientId, code: "59408-5", unit: "%", samples }] });
  expect(json.alerts).toEqual(expected);
});
