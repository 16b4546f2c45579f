import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Envelope, partitionOf } from "@episante/contracts/envelope";
import { newId } from "@episante/service/ids";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { freePort, temporaryFolder } from "@episante/testkit/servers";
import { testKeys } from "@episante/testkit/service";
import { waitFor } from "@episante/testkit/wait-for";
import { run } from "./world.ts";

const main = join(import.meta.dir, "../src/main.ts");
const partitions = 2;
let broker: TestBroker;
let database: TestDatabase;
/** By the name that stands in the leases. */
const engines = new Map<string, Bun.Subprocess>();
const clinicId = newId("cli", 1);
const patients = Array.from({ length: 6 }, () => newId("pat", 1));
const start = Date.now() - 300_000;

beforeAll(async () => {
  broker = await testBroker();
  database = await testDatabase({ migrations: "svc/alert/migrations" });
});
afterAll(async () => {
  for (const engine of engines.values()) engine.kill("SIGKILL");
  await Promise.all([...engines.values()].map(({ exited }) => exited));
  await broker.close();
  await database.close();
});

async function startEngines(): Promise<void> {
  const { jwks, privateKeys } = await testKeys(["alert", "gateway"]);
  const folder = temporaryFolder("takeover");
  const secret = (name: string, value: string) => {
    writeFileSync(join(folder, name), value);
    return join(folder, name);
  };
  for (const name of ["one", "other"]) {
    const port = String(await freePort());
    const env = {
      PATH: process.env.PATH ?? "",
      PORT: port,
      INSTANCE: name,
      NATS_URL: broker.url,
      NATS_USER: broker.server.user,
      NATS_PASSWORD_FILE: secret("nats", broker.server.password),
      DATABASE_URL_FILE: secret("db", database.url),
      SIGNING_KEY_FILE: secret("key", privateKeys.alert ?? ""),
      JWKS_FILE: secret("jwks", jwks),
      MODE: "test",
      PARTITIONS: String(partitions),
      LOG_LEVEL: "error",
    };
    engines.set(name, Bun.spawn([process.execPath, main], { env, stdout: "ignore", stderr: "ignore" }));
    const isReady = () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await waitFor(isReady, { timeoutMs: 60_000 });
  }
}
async function publish(samples: readonly [second: number, value: number][]): Promise<void> {
  for (const [second, value] of samples) {
    for (const [index, patientId] of patients.entries()) {
      const at = start + second * 1000;
      const frame = { deviceId: `dev_${index}`, patientId, clinicId, kind: "wearable", boot: "b", seq: second, receivedAtMs: at };
      const envelope: Envelope = { v: 1, frames: [{ ...frame, readings: [["59408-5", "spo2", value, at]] }] };
      await broker.js.publish(`readings.${partitionOf(patientId, partitions)}`, JSON.stringify(envelope));
    }
  }
}
/** Every message of the log is judged. */
async function isDone(): Promise<boolean> {
  const stream = await broker.js.streams.get("READINGS");
  const lasts = await Promise.all(
    Array.from({ length: partitions }, async (_, one) => (await stream.getMessage({ last_by_subj: `readings.${one}` }))?.seq ?? 0),
  );
  const rows = await database.owner`select checkpoint::int from reader_leases where reader = 'rules' order by partition`;
  return rows.length === partitions && rows.every(({ checkpoint }, one) => Number(checkpoint) >= (lasts[one] ?? 0));
}
/** Types of all events about alerts, in their order. */
async function toldTypes(): Promise<string[]> {
  const stream = await broker.js.streams.get("ALERTS");
  const { state } = await stream.info();
  const sequence = Array.from({ length: state.messages }, (_, index) => state.first_seq + index);
  const messages = await Promise.all(sequence.map((seq) => stream.getMessage({ seq })));
  return messages.map((message) => message?.json<{ type: string }>().type ?? "");
}
const leases = () =>
  database.owner`select owner, extract(epoch from expires_at - clock_timestamp())::float8 as seconds from reader_leases where reader = 'rules'`;

test("two engines, one killed with -9: the other takes its partitions over when their lease is out, no alert lost, none doubled", async () => {
  await startEngines();
  const clinic = { clinicId, name: "n", zone: "Europe/Paris", city: "c", address: "a", phone: "p", lat: 0, lng: 0 };
  const event = { id: newId("evt", 1), type: "clinic.changed", version: 1, at: new Date().toISOString(), actor: { kind: "test" } };
  await broker.js.publish("events.clinic.changed.v1", JSON.stringify({ ...event, data: clinic }));
  await waitFor(async () => (await database.owner`select 1 from rules`).length > 0, { timeoutMs: 30_000 });
  await publish([...run(0, 20, 95), ...run(21, 45, 86)]);
  await waitFor(isDone, { timeoutMs: 60_000 });

  // In the middle of a hold, with the rest of it under way.
  const [lease] = await leases();
  const [killed, left] = lease?.owner === "one" ? ["one", "other"] : ["other", "one"];
  const sending = publish([...run(46, 90, 86), ...run(91, 140, 95)]);
  engines.get(killed)?.kill("SIGKILL");
  await engines.get(killed)?.exited;
  // Nobody waits longer for a partition than its lease: 4 s, and a quarter of a second until the next look.
  for (const { seconds } of await leases()) expect(Number(seconds)).toBeLessThanOrEqual(4);
  await sending;
  await waitFor(isDone, { timeoutMs: 60_000 });
  expect(new Set((await leases()).map(({ owner }) => owner))).toEqual(new Set([left]));

  const alerts = await database.owner`
    select patient_id, status, extract(epoch from onset_at)::float8 * 1000 as onset, extract(epoch from cleared_at)::float8 * 1000 as cleared from alerts where rule_kind = 'threshold'`;
  const seen = alerts.map((row) => [
    row.patient_id,
    row.status,
    Math.round((row.onset - start) / 1000),
    Math.round((row.cleared - start) / 1000),
  ]);
  expect(seen.toSorted()).toEqual(patients.map((id) => [id, "resolved", 21, 121]).toSorted());
  const counts = await waitFor(
    async () => {
      const types = await toldTypes();
      const of = (type: string) => types.filter((one) => one === type).length;
      return of("alert.resolved") >= patients.length ? { raised: of("alert.raised"), resolved: of("alert.resolved") } : null;
    },
    { timeoutMs: 60_000 },
  );
  expect(counts).toEqual({ raised: patients.length, resolved: patients.length });
}, 240_000);
