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
let broker: TestBroker;
let database: TestDatabase;
let environment: Record<string, string>;
let child: Bun.Subprocess | undefined;
const clinicId = newId("cli", 1);
const patients = Array.from({ length: 8 }, () => newId("pat", 1));
/** Recent, so that nothing is late: the frames carry receive times of their own. */
const start = Date.now() - 600_000;

beforeAll(async () => {
  broker = await testBroker();
  database = await testDatabase({ migrations: "svc/alert/migrations" });
  const { jwks, privateKeys } = await testKeys(["alert", "gateway"]);
  const folder = temporaryFolder("alert");
  const secret = (name: string, value: string) => {
    writeFileSync(join(folder, name), value);
    return join(folder, name);
  };
  environment = {
    PATH: process.env.PATH ?? "",
    PORT: String(await freePort()),
    NATS_URL: broker.url,
    NATS_USER: broker.server.user,
    NATS_PASSWORD_FILE: secret("nats", broker.server.password),
    DATABASE_URL_FILE: secret("db", database.url),
    SIGNING_KEY_FILE: secret("key", privateKeys.alert ?? ""),
    JWKS_FILE: secret("jwks", jwks),
    MODE: "test",
    PARTITIONS: "2",
    LOG_LEVEL: "error",
  };
});
afterAll(async () => {
  child?.kill("SIGKILL");
  await child?.exited;
  await broker.close();
  await database.close();
});

async function startEngine(): Promise<void> {
  child = Bun.spawn([process.execPath, main], { env: environment, stdout: "ignore", stderr: "ignore" });
  await waitFor(
    () =>
      fetch(`http://127.0.0.1:${environment.PORT}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    { timeoutMs: 20_000 },
  );
}
async function publish(envelope: Envelope): Promise<void> {
  const [frame] = envelope.frames;
  if (frame) await broker.js.publish(`readings.${partitionOf(frame.patientId, 2)}`, JSON.stringify(envelope));
}
async function checkpoints(): Promise<number> {
  const [row] = await database.owner`select coalesce(sum(checkpoint), 0)::int as n from reader_leases where reader = 'rules'`;
  return Number(row?.n);
}

test("killed with -9 again and again under load, the engine ends with the same alerts, none doubled, none missing", async () => {
  await startEngine();
  const clinic = { clinicId, name: "n", zone: "Europe/Paris", city: "c", address: "a", phone: "p", lat: 0, lng: 0 };
  const event = {
    id: newId("evt", 1),
    type: "clinic.changed",
    version: 1,
    at: new Date().toISOString(),
    actor: { kind: "test" },
    data: clinic,
  };
  await broker.js.publish("events.clinic.changed.v1", JSON.stringify(event));
  await waitFor(async () => (await database.owner`select 1 from rules where body ->> 'kind' = 'threshold'`).length === 1);

  // Two episodes each: the first resolves, the second stays open. Every frame is sent twice.
  const story = [...run(0, 20, 95), ...run(21, 90, 86), ...run(91, 140, 95), ...run(141, 200, 84)];
  for (const [second, value] of story) {
    for (const [index, patientId] of patients.entries()) {
      const at = start + second * 1000;
      const frame = { deviceId: `dev_${index}`, patientId, clinicId, kind: "wearable", boot: "b", seq: second, receivedAtMs: at };
      const envelope: Envelope = { v: 1, frames: [{ ...frame, readings: [["59408-5", "spo2", value, at]] }] };
      await publish(envelope);
      if (second % 5 === 0) await publish(envelope);
    }
    if ([40, 95, 160, 185].includes(second)) {
      child?.kill("SIGKILL");
      await child?.exited;
      await startEngine();
    }
  }
  const info = await (await broker.js.streams.get("READINGS")).info();
  const lasts = await Promise.all(
    [0, 1].map(
      async (partition) =>
        (await (await broker.js.streams.get("READINGS")).getMessage({ last_by_subj: `readings.${partition}` }))?.seq ?? 0,
    ),
  );
  expect(info.state.messages).toBeGreaterThan(story.length * patients.length);
  await waitFor(async () => (await checkpoints()) >= lasts.reduce((sum, seq) => sum + seq, 0), { timeoutMs: 30_000 });

  const alerts = await database.owner`
    select patient_id, status, extract(epoch from onset_at)::float8 * 1000 as onset, extract(epoch from fired_at)::float8 * 1000 as fired, late from alerts`;
  const seen = alerts.map(
    (row) =>
      `${row.patient_id} ${row.status} ${Math.round((row.onset - start) / 1000)} ${Math.round((row.fired - start) / 1000)} ${row.late}`,
  );
  const expected = patients.flatMap((id) => [`${id} resolved 21 51 false`, `${id} open 141 171 false`]);
  expect(seen.sort()).toEqual(expected.sort());
  // What was published: each raise and resolve once, by its event id.
  const stream = await broker.js.streams.get("ALERTS");
  expect(
    (
      await waitFor(async () => {
        const { state } = await stream.info();
        return state.messages >= patients.length * 3 ? state : null;
      })
    ).messages,
  ).toBe(patients.length * 3);
  child?.kill("SIGTERM");
  expect(await child?.exited).toBe(0);
}, 120_000);
