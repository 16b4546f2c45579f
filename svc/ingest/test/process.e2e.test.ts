import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pair } from "@episante/contracts/device";
import { type Envelope, partitionOf } from "@episante/contracts/envelope";
import { newId } from "@episante/service/ids";
import { type TestBroker, testBroker } from "@episante/testkit/broker";
import { type TestDatabase, testDatabase } from "@episante/testkit/db";
import { freePort, temporaryFolder } from "@episante/testkit/servers";
import { testKeys } from "@episante/testkit/service";
import { waitFor } from "@episante/testkit/wait-for";
import { openDeviceBucket } from "../src/device-bucket.ts";

const main = join(import.meta.dir, "../src/main.ts");
let broker: TestBroker;
let database: TestDatabase;
let environment: Record<string, string>;
let child: Bun.Subprocess | undefined;

beforeAll(async () => {
  broker = await testBroker();
  database = await testDatabase({ migrations: "svc/ingest/migrations" });
  const { jwks, privateKeys } = await testKeys(["ingest", "gateway"]);
  const folder = temporaryFolder("ingest");
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
    SIGNING_KEY_FILE: secret("key", privateKeys.ingest ?? ""),
    JWKS_FILE: secret("jwks", jwks),
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

async function startStore(): Promise<void> {
  child = Bun.spawn([process.execPath, main], { env: environment, stdout: "ignore", stderr: "ignore" });
  const isReady = () =>
    fetch(`http://127.0.0.1:${environment.PORT}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await waitFor(isReady, { timeoutMs: 20_000 });
}

test("killed with -9 again and again under load: every reading is stored exactly once", async () => {
  await startStore();
  const patients = Array.from({ length: 6 }, () => newId("pat", 1));
  const start = Date.now() - 3_600_000;
  for (let seq = 0; seq < 120; seq++) {
    for (const [index, patientId] of patients.entries()) {
      const readings: Envelope["frames"][number]["readings"] = Array.from({ length: 10 }, (_, at) => [
        "59408-5",
        "spo2",
        95,
        start + (seq * 10 + at) * 1000,
      ]);
      const frame = {
        deviceId: `dev_${index}`,
        patientId,
        clinicId: newId("cli", 1),
        kind: "wearable",
        boot: "b",
        seq,
        receivedAtMs: start + seq * 10_000,
      };
      const data = JSON.stringify({ v: 1, frames: [{ ...frame, readings }] } satisfies Envelope);
      const subject = `readings.${partitionOf(patientId, 2)}`;
      await broker.js.publish(subject, data);
      if (seq % 3 === 0) await broker.js.publish(subject, data);
    }
    if ([15, 40, 41, 90].includes(seq)) {
      child?.kill("SIGKILL");
      await child?.exited;
      await startStore();
    }
  }
  await broker.js.publish("readings.0", "not an envelope");
  const wanted = 120 * 10 * patients.length;
  const count = async () => Number((await database.owner`select count(*) from readings`)[0]?.count);
  await waitFor(async () => (await count()) >= wanted, { timeoutMs: 30_000 });
  const stored =
    await database.owner`select patient_id, count(*)::int as n, count(distinct at)::int as times, max(version) as version from readings group by 1`;
  expect(stored.map(({ n, times, version }) => [n, times, version])).toEqual(patients.map(() => [1200, 1200, 1]));
  const dlq = await broker.js.streams.get("DLQ");
  await waitFor(async () => (await dlq.info()).state.messages === 1);
}, 120_000);

test("a production process refuses replay devices; a registry entry lost from the bucket is back after a restart", async () => {
  const answer = await fetch(`http://127.0.0.1:${environment.PORT}${pair.path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code: "AAAA2222", model: "m", serial: "s", kind: "replay" }),
  });
  expect(answer.status).toBe(403);
  const id = newId("dev", 1);
  await database.owner`
    insert into devices (id, patient_id, clinic_id, kind, model, serial, token_hash, paired_at) values (${id}, ${newId("pat", 1)}, ${newId("cli", 1)}, 'wearable', 'm', 's', 'h', now())`;
  child?.kill("SIGTERM");
  expect(await child?.exited).toBe(0);
  await startStore();
  const bucket = await openDeviceBucket(broker.nats);
  await waitFor(() => bucket.find(id));
});
